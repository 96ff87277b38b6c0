"""Every field of an app as Setup names it: one table of labels, and forms made from it and the documents."""
