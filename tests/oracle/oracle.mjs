// Asks Salesforce's own library. Started once; reads one JSON request a line, answers one JSON line each.
//
//   {"ask": "types"}                        -> {"types": ...}: what @salesforce/types says of every metadata type
//   {"ask": "convert", "folder": "/a/b", "beside": ["note.txt"]}
//                                           -> {"claims": [...], "problems": [...]}: see convert()
//
// Conversion alone is a weak witness: it copies bytes and never parses (malformed XML, wrong roots and unknown
// elements pass). So here is told which type claims a file; schema.py reads the files strictly against the types.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
// Only answers go to stdout, whatever a library wants to say.
console.log = console.info = console.warn = console.error;
process.env.SF_DISABLE_TELEMETRY = 'true';
process.env.SF_DISABLE_LOG_FILE = 'true';

const { ComponentSet, MetadataConverter, MetadataResolver } = require('@salesforce/source-deploy-retrieve');
const ts = require('typescript');

// About the version that @salesforce/types 1.9.0 was made from.
const API_VERSION = '66.0';

/** Every exported type of metadata.d.ts: {name: {fields}} | {name: {values}} | {name: {is}}. */
function types() {
  const file = path.join(path.dirname(require.resolve('@salesforce/types/metadata')), 'metadata.d.ts');
  const source = ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found = {};
  for (const statement of source.statements) {
    if (ts.isTypeAliasDeclaration(statement)) found[statement.name.text] = declared(statement.type, source);
  }
  return found;
}

function declared(type, source) {
  if (ts.isIntersectionTypeNode(type)) {
    const parts = type.types.map((part) => declared(part, source));
    return {
      fields: Object.assign({}, ...parts.map((part) => part.fields ?? {})),
      extends: parts.filter((part) => part.is).map((part) => part.is),
    };
  }
  if (ts.isTypeLiteralNode(type)) {
    const members = type.members.filter((member) => ts.isPropertySignature(member));
    return { fields: Object.fromEntries(members.map((member) => [member.name.text, field(member, source)])) };
  }
  const literals = ts.isUnionTypeNode(type) ? type.types : [type];
  if (literals.every((part) => ts.isLiteralTypeNode(part) && ts.isStringLiteral(part.literal))) {
    return { values: literals.map((part) => part.literal.text) };
  }
  return { is: type.getText(source) };
}

function field(member, source) {
  const repeated = ts.isArrayTypeNode(member.type);
  const type = (repeated ? member.type.elementType : member.type).getText(source);
  return { type, repeated, required: !repeated && member.questionToken === undefined };
}

/**
 * Claim each file for a registry type, convert all to metadata format and back, and compare every byte.
 * A claim is {file, type, fullName}; a problem {file, text}. Paths are relative to the folder. Files named in
 * `beside` are no metadata, and must not keep the library from reading the folder.
 */
async function convert(folder, beside) {
  const problems = [];
  const claims = [];
  const components = [];
  const owner = new Map();
  const resolver = new MetadataResolver();
  for (const file of filesBelow(folder).filter((name) => !beside.includes(path.basename(name)))) {
    try {
      const claimed = resolver.getComponentsFromPath(path.join(folder, file));
      if (claimed.length === 0) problems.push({ file, text: 'no metadata type claims it' });
      for (const component of claimed) {
        const type = component.type.name;
        const key = `${type}:${component.fullName}`;
        if (owner.has(key)) problems.push({ file, text: `${key} stands in ${owner.get(key)} too` });
        else components.push(component);
        owner.set(key, file);
        claims.push({ file, type, fullName: component.fullName });
        if (component.xml !== undefined && !component.xml.endsWith('-meta.xml')) {
          problems.push({ file, text: 'in source format the name of a file ends with -meta.xml' });
        }
        try {
          await component.parseXml();
        } catch (error) {
          problems.push({ file, text: `Salesforce's parser: ${error.message}` });
        }
      }
    } catch (error) {
      problems.push({ file, text: `no metadata type claims it: ${error.message.split('\n')[0]}` });
    }
  }
  if (problems.length === 0) {
    const whole = resolver.getComponentsFromPath(folder).length;
    if (whole !== claims.length) problems.push({ file: '.', text: `as a folder it has ${whole} components` });
  }
  if (components.length > 0) problems.push(...(await thereAndBack(folder, components)));
  return { claims, problems };
}

async function thereAndBack(folder, components) {
  const problems = [];
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'changeover-oracle-'));
  const output = (name) => ({ type: 'directory', outputDirectory: path.join(work, name), genUniqueDir: false });
  try {
    const converter = new MetadataConverter();
    await converter.convert(versioned(new ComponentSet(components)), 'metadata', output('metadata'));
    const metadata = versioned(ComponentSet.fromSource(path.join(work, 'metadata')));
    await converter.convert(metadata, 'source', output('source'));
    const back = ComponentSet.fromSource(path.join(work, 'source'));
    const manifest = fs.readFileSync(path.join(work, 'metadata', 'package.xml'), 'utf8');
    for (const component of components) {
      const file = path.relative(folder, component.xml);
      const bytes = fs.readFileSync(component.xml);
      for (const [where, set] of [['metadata format', metadata], ['source format', back]]) {
        const [copy] = set.getSourceComponents(component).toArray();
        if (copy === undefined) problems.push({ file, text: `is gone after conversion to ${where}` });
        else if (!fs.readFileSync(copy.xml).equals(bytes)) problems.push({ file, text: `differs in ${where}` });
      }
      const member = component.fullName.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
      if (!manifest.includes(`<members>${member}</members>`)) {
        problems.push({ file, text: `package.xml does not name ${component.fullName}` });
      }
    }
  } catch (error) {
    problems.push({ file: '.', text: `conversion failed: ${error.message}` });
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
  return problems;
}

/** With a version of its own the library does not ask Salesforce's servers for the newest. */
function versioned(set) {
  set.sourceApiVersion = API_VERSION;
  return set;
}

function filesBelow(folder) {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let answer;
  try {
    answer = request.ask === 'types' ? { types: types() } : await convert(request.folder, request.beside);
  } catch (error) {
    answer = { error: String(error.stack) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
