import { describe, expect, it } from 'vitest'
import { ApplyScenario } from './testing/apply-scenario.ts'
import { type Case, fields, run } from './testing/merge-case.ts'

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
