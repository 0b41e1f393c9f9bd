import { describe, it } from 'vitest'
import { type Case, run } from './testing/merge-case.ts'

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
      name: 'stay, though empty, while somebody owns them',
      steps: [
        ['update', 'c', 'struct: { name: x }'],
        ['force', 'a', 'struct: { name: y }'],
        ['apply', 'a', ''],
      ],
      content: 'struct: {}',
      owners: { c: ['.struct'] },
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
