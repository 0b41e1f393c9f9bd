import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Schema } from '../schema/schema.ts'
import { ApplyScenario } from './testing/apply-scenario.ts'

/** `apply` with the conflicts it is refused for; `force` and `update` are never refused. */
type Step = [verb: 'apply' | 'force' | 'update', manager: string, content: string, conflicts?: string[]]

interface Case {
  name: string
  steps: Step[]
  content: string
  owners?: Record<string, string[]>
}

const text: Schema = { type: 'string' }
const number: Schema = { type: 'integer' }
const set: Schema = { type: 'array', items: text, 'x-kubernetes-list-type': 'set' }
const texts: Schema = { type: 'object', additionalProperties: text }
const struct: Schema = { type: 'object', properties: { name: text, value: number } }
const keyed = (properties: Record<string, Schema>, keys = ['name']): Schema => ({
  type: 'array',
  items: { type: 'object', properties: { name: text, ...properties } },
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': keys,
})
const protocol: Schema = { ...text, default: 'TCP' }
const fields: Record<string, Schema> = {
  text,
  number,
  set,
  texts,
  struct,
  items: keyed({ value: number, more: number }),
  itemsOfSets: keyed({ value: set }),
  itemsOfTexts: keyed({ value: texts }),
  ports: keyed({ port: number, protocol }, ['port', 'protocol']),
  setsByName: { type: 'object', additionalProperties: set },
  textsByName: { type: 'object', additionalProperties: texts },
  whole: { ...texts, 'x-kubernetes-map-type': 'atomic' },
  list: { type: 'array', items: text },
  open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
}

function run({ steps, content, owners }: Case): void {
  const scenario = new ApplyScenario(fields)
  for (const [verb, manager, config, conflicts = []] of steps) {
    if (verb === 'update') scenario.update(manager, config)
    else expect(scenario.apply(manager, config, { force: verb === 'force' })).toEqual(conflicts)
  }
  expect(scenario.content()).toEqual(parse(content) ?? {})
  if (owners) expect(scenario.owners()).toEqual(owners)
}

describe('conflicts', () => {
  it('name the fields of a place before what lies deeper', () => {
    const scenario = new ApplyScenario(fields)
    scenario.apply('a', '{ text: x, number: 1, struct: { name: n }, items: [{ name: i, value: 1 }] }')
    expect(
      scenario.apply('b', '{ text: y, number: 2, struct: { name: o }, items: [{ name: i, value: 2 }] }'),
    ).toEqual(['a: .number', 'a: .text', 'a: .items[name="i"].value', 'a: .struct.name'])
  })
})

describe('leaves', () => {
  it.each<Case>([
    {
      name: 'what is not applied again goes',
      steps: [
        ['apply', 'a', '{ text: x, number: 1 }'],
        ['apply', 'a', 'text: y'],
      ],
      content: 'text: y',
      owners: { a: ['.text'] },
    },
    {
      name: 'an update takes a field over, and it stays when the applier lets go of it',
      steps: [
        ['apply', 'a', 'number: 2'],
        ['update', 'c', 'number: 1'],
        ['apply', 'a', ''],
      ],
      content: 'number: 1',
      owners: { c: ['.number'] },
    },
    {
      name: 'a change of what an update owns is refused, and can be forced',
      steps: [
        ['apply', 'a', '{ text: x, number: 1 }'],
        ['update', 'c', '{ text: y, number: 1 }'],
        ['apply', 'a', '{ text: z, number: 1 }', ['c: .text']],
        ['force', 'a', '{ text: z, number: 1 }'],
      ],
      content: '{ text: z, number: 1 }',
      owners: { a: ['.number', '.text'] },
    },
    {
      name: 'nothing is left of an object whose only applier applies nothing',
      steps: [
        ['apply', 'a', 'text: x'],
        ['apply', 'a', ''],
      ],
      content: '',
      owners: {},
    },
    {
      name: 'an atomic map has one owner',
      steps: [
        ['apply', 'a', 'whole: { x: "1" }'],
        ['apply', 'b', 'whole: { y: "2" }', ['a: .whole']],
        ['force', 'b', 'whole: { y: "2" }'],
      ],
      content: 'whole: { y: "2" }',
      owners: { b: ['.whole'] },
    },
    {
      name: 'an atomic list is replaced as a whole',
      steps: [
        ['apply', 'a', 'list: [x, y]'],
        ['apply', 'a', 'list: [y]'],
      ],
      content: 'list: [y]',
      owners: { a: ['.list'] },
    },
  ])('$name', run)
})

describe('sets', () => {
  it.each<Case>([
    {
      name: 'of appliers and updaters are joined',
      steps: [
        ['apply', 'a', 'set: [x, y]'],
        ['update', 'c', 'set: [x, y, z]'],
        ['apply', 'a', 'set: [x, w]'],
      ],
      content: 'set: [x, z, w]',
      owners: { a: ['.set[="w"]', '.set[="x"]'], c: ['.set[="z"]'] },
    },
    {
      name: 'take the order of who applies last',
      steps: [
        ['apply', 'a', 'set: [x, y, z]'],
        ['update', 'c', 'set: [x, z, y]'],
        ['apply', 'a', 'set: [x, y, z]'],
      ],
      content: 'set: [x, y, z]',
      owners: { a: ['.set[="x"]', '.set[="y"]', '.set[="z"]'] },
    },
    {
      name: 'keep what another applier has, too',
      steps: [
        ['apply', 'a', 'set: [x, y]'],
        ['apply', 'b', 'set: [y, z]'],
        ['apply', 'a', 'set: [x]'],
      ],
      content: 'set: [x, y, z]',
      owners: { a: ['.set[="x"]'], b: ['.set[="y"]', '.set[="z"]'] },
    },
    {
      name: 'keep items that occur twice as long as nobody applies them',
      steps: [
        ['update', 'c', 'set: [x, x, y]'],
        ['apply', 'a', 'set: [z]'],
      ],
      content: 'set: [x, x, y, z]',
      owners: { a: ['.set[="z"]'], c: ['.set', '.set[="x"]', '.set[="y"]'] },
    },
    {
      name: 'with an item that occurs twice have a conflict when it is applied',
      steps: [
        ['update', 'c', 'set: [x, x, y]'],
        ['apply', 'a', 'set: [x]', ['c: .set[="x"]']],
        ['force', 'a', 'set: [x]'],
      ],
      content: 'set: [x, y]',
      owners: { a: ['.set[="x"]'], c: ['.set', '.set[="y"]'] },
    },
  ])('$name', run)
})

describe('lists by key', () => {
  it.each<Case>([
    {
      name: 'lose an item that is not applied any more',
      steps: [
        ['apply', 'a', 'items: [{ name: x, value: 1 }]'],
        ['apply', 'a', 'items: [{ name: y, value: 2 }]'],
      ],
      content: 'items: [{ name: y, value: 2 }]',
      owners: { a: ['.items[name="y"]', '.items[name="y"].name', '.items[name="y"].value'] },
    },
    {
      name: 'may have one item in common, with one value',
      steps: [
        ['apply', 'a', 'items: [{ name: x, value: 0 }]'],
        ['apply', 'b', 'items: [{ name: x, value: 0 }]'],
        ['apply', 'b', 'items: [{ name: x, value: 1 }]', ['a: .items[name="x"].value']],
      ],
      content: 'items: [{ name: x, value: 0 }]',
      owners: {
        a: ['.items[name="x"]', '.items[name="x"].name', '.items[name="x"].value'],
        b: ['.items[name="x"]', '.items[name="x"].name', '.items[name="x"].value'],
      },
    },
    {
      name: 'keep an item of which somebody else has a part',
      steps: [
        ['apply', 'a', 'itemsOfSets: [{ name: x }, { name: y, value: [p] }]'],
        ['apply', 'b', 'itemsOfSets: [{ name: y, value: [q] }]'],
        ['update', 'c', 'itemsOfSets: [{ name: x }, { name: y, value: [p, q, r] }]'],
        ['apply', 'a', 'itemsOfSets: [{ name: x }]'],
      ],
      content: 'itemsOfSets: [{ name: x }, { name: y, value: [q, r] }]',
      owners: {
        a: ['.itemsOfSets[name="x"]', '.itemsOfSets[name="x"].name'],
        b: ['.itemsOfSets[name="y"]', '.itemsOfSets[name="y"].name', '.itemsOfSets[name="y"].value[="q"]'],
        c: ['.itemsOfSets[name="y"].value[="r"]'],
      },
    },
    {
      name: 'lose an item of which an updater owns no more than a member',
      steps: [
        ['apply', 'a', 'itemsOfTexts: [{ name: x }, { name: y, value: { p: "1" } }]'],
        ['update', 'c', 'itemsOfTexts: [{ name: x }, { name: y, value: { p: "1", q: "2" } }]'],
        ['apply', 'a', 'itemsOfTexts: [{ name: x }]'],
      ],
      content: 'itemsOfTexts: [{ name: x }]',
      owners: { a: ['.itemsOfTexts[name="x"]', '.itemsOfTexts[name="x"].name'] },
    },
    {
      name: 'know items by keys with defaults',
      steps: [['apply', 'a', 'ports: [{ port: 80, name: x }, { port: 80, protocol: UDP }]']],
      content: 'ports: [{ port: 80, name: x, protocol: TCP }, { port: 80, protocol: UDP }]',
      owners: {
        a: [
          '.ports[port=80,protocol="TCP"]',
          '.ports[port=80,protocol="TCP"].name',
          '.ports[port=80,protocol="TCP"].port',
          '.ports[port=80,protocol="UDP"]',
          '.ports[port=80,protocol="UDP"].port',
          '.ports[port=80,protocol="UDP"].protocol',
        ],
      },
    },
    {
      name: 'see a conflict in an item known by a default',
      steps: [
        ['apply', 'a', 'ports: [{ port: 80, protocol: TCP, name: x }]'],
        ['apply', 'b', 'ports: [{ port: 80, name: y }]', ['a: .ports[port=80,protocol="TCP"].name']],
      ],
      content: 'ports: [{ port: 80, protocol: TCP, name: x }]',
    },
    {
      name: 'own an item that occurs twice as one',
      steps: [
        ['update', 'c', 'items: [{ name: x, value: 1 }, { name: x, value: 2 }, { name: y, value: 3 }]'],
        [
          'update',
          'd',
          'items: [{ name: x, value: 1 }, { name: x, value: 2, more: 3 }, { name: y, value: 3 }]',
        ],
      ],
      content: 'items: [{ name: x, value: 1 }, { name: x, value: 2, more: 3 }, { name: y, value: 3 }]',
      owners: {
        c: ['.items', '.items[name="y"]', '.items[name="y"].name', '.items[name="y"].value'],
        d: ['.items[name="x"]'],
      },
    },
    {
      name: 'let an item that occurs twice be replaced by force',
      steps: [
        ['update', 'c', 'items: [{ name: x, value: 1 }, { name: x, value: 2 }, { name: y, value: 3 }]'],
        ['apply', 'a', 'items: [{ name: x, value: 2 }]', ['c: .items[name="x"]']],
        ['force', 'a', 'items: [{ name: x, value: 3 }]'],
      ],
      content: 'items: [{ name: x, value: 3 }, { name: y, value: 3 }]',
      owners: {
        a: ['.items[name="x"]', '.items[name="x"].name', '.items[name="x"].value'],
        c: ['.items', '.items[name="y"]', '.items[name="y"].name', '.items[name="y"].value'],
      },
    },
  ])('$name', run)
})

describe('maps and structs', () => {
  it.each<Case>([
    {
      name: 'of sets and maps change below',
      steps: [
        ['apply', 'a', '{ setsByName: { x: [p, q] }, textsByName: { x: { p: "1" } } }'],
        ['apply', 'a', '{ setsByName: { x: [r, q] }, textsByName: { x: { q: "2" } } }'],
      ],
      content: '{ setsByName: { x: [r, q] }, textsByName: { x: { q: "2" } } }',
      owners: {
        a: [
          '.setsByName.x',
          '.setsByName.x[="q"]',
          '.setsByName.x[="r"]',
          '.textsByName.x',
          '.textsByName.x.q',
        ],
      },
    },
    {
      name: 'go when nothing of them is applied',
      steps: [
        ['apply', 'a', 'struct: { name: x, value: 1 }'],
        ['apply', 'a', ''],
      ],
      content: '',
      owners: {},
    },
    {
      name: 'keep what an updater has put into them',
      steps: [
        ['apply', 'a', 'struct: { name: x }'],
        ['update', 'c', 'struct: { name: x, value: 1 }'],
        ['apply', 'a', ''],
      ],
      content: 'struct: { value: 1 }',
      owners: { c: ['.struct.value'] },
    },
    {
      name: 'are applied empty beside what an updater has put into them',
      steps: [
        ['apply', 'a', 'struct: { name: x }'],
        ['update', 'c', 'struct: { name: x, value: 1 }'],
        ['apply', 'a', 'struct: {}'],
      ],
      content: 'struct: { value: 1 }',
      owners: { a: ['.struct'], c: ['.struct.value'] },
    },
    {
      name: 'are applied as null like empty ones',
      steps: [
        ['apply', 'a', 'struct: { name: x }'],
        ['update', 'c', 'struct: { name: y, value: 1 }'],
        ['apply', 'a', 'struct:'],
      ],
      content: 'struct: { name: y, value: 1 }',
      owners: { a: ['.struct'], c: ['.struct.name', '.struct.value'] },
    },
    {
      name: 'that nobody has described own what is deep in them, and lists as a whole',
      steps: [
        ['apply', 'a', 'open: { x: { p: 1 }, list: [1] }'],
        ['apply', 'b', 'open: { x: { q: 2 } }'],
        ['apply', 'b', 'open: { x: { q: 2 }, list: [2] }', ['a: .open.list']],
        ['apply', 'a', 'open: { x: { p: 3 } }'],
      ],
      content: 'open: { x: { p: 3, q: 2 } }',
      owners: { a: ['.open.x', '.open.x.p'], b: ['.open.x', '.open.x.q'] },
    },
  ])('$name', run)
})

describe('nulls', () => {
  it.each<Case>([
    {
      name: 'of leaves are owned and take the place of the value, for validation to judge',
      steps: [
        ['apply', 'a', '{ text: x, number: 1 }'],
        ['apply', 'a', '{ text: null, number: 1 }'],
      ],
      content: '{ text: null, number: 1 }',
      owners: { a: ['.number', '.text'] },
    },
    {
      name: 'of leaves that others own are a conflict',
      steps: [
        ['apply', 'a', 'text: x'],
        ['apply', 'b', 'text: null', ['a: .text']],
        ['force', 'b', 'text: null'],
      ],
      content: 'text: null',
      owners: { b: ['.text'] },
    },
  ])('$name', run)
})
