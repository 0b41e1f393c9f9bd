import { expect, it } from 'vitest'
import { parseYaml } from './yaml.ts'

it.each([
  ['a: b: c', 'mapping values are not allowed in this context'],
  ['a: b\n c: d', 'line 2: mapping values are not allowed in this context'],
  ['a:\n\tb: c', 'line 2: found character that cannot start any token'],
  ['\ta: b', 'found character that cannot start any token'],
  ['a: @b', 'found character that cannot start any token'],
  ['a: [', 'line 1: did not find expected node content'],
  ['a: {', 'line 1: did not find expected node content'],
  ['metadata:\n  name: x\n  labels: [\n', 'line 3: did not find expected node content'],
  ['{a: b', "line 1: did not find expected ',' or '}'"],
  ['[a', "line 1: did not find expected ',' or ']'"],
  ['a: "x', 'found unexpected end of stream'],
  ["a: 'x", 'found unexpected end of stream'],
  ['a: *b', "unknown anchor 'b' referenced"],
  ['<<: a', 'map merge requires map or sequence of maps as the value'],
  ['"a": "\\q"', 'found unknown escape character'],
  ['a: "\\x1"', 'did not find expected hexdecimal number'],
  ['metadata:\n  name: x\n data:\n  a: b', 'line 2: did not find expected key'],
])('what is wrong with %j is said in the words of upstream’s parser', (text, why) => {
  expect(() => parseYaml(text)).toThrow(`yaml: ${why}`)
})
