import { describe, expect, it } from 'vitest'
import { dynType, intType, mapOf, objectType, stringType } from './cel-type.ts'
import { compileExpression } from './compile.ts'
import { createEnvironment } from './environment.ts'
import { CelAuthorizer, CelResourceCheck } from './library/authorizer.ts'
import { readType } from './library/overload.ts'
import { LazyObject } from './values/containers.ts'

const environment = createEnvironment({
  variables: {
    x: dynType,
    who: objectType('Who', { name: stringType, age: intType }),
    labels: mapOf(stringType, stringType),
    variables: objectType('Variables', { one: intType, two: intType }),
    authorizer: readType('Authorizer'),
    'authorizer.requestResource': readType('ResourceCheck'),
  },
  structs: (name) => (name === 'Who' ? objectType('Who', { name: stringType, age: intType }) : undefined),
  hasPatchFunctions: true,
})
const json = { a: 1, list: [1, 2, 3], text: 'abc', half: 0.5 }

function evaluate(source: string): unknown {
  const { program, issues } = compileExpression(source, environment)
  if (!program) return issues
  const result = program.evaluate({ x: json, who: { name: 'ann' }, labels: { tier: 'web' } })
  return 'error' in result ? `error: ${result.error}` : result.value
}

describe('an expression', () => {
  it.each<[string, unknown]>([
    ['1 + 2 * 3', 7],
    ['x.list.map(i, i * 2).sum()', 12],
    ['x.list.all(i, v, v == i + 1)', true],
    ['x.list.exists_one(i, i > 2)', true],
    ['x.list.filter(i, i > 1).size()', 2],
    ['9007199254740993 + 0 == 9007199254740993', true],
    ['9223372036854775807 + 1', 'error: integer overflow'],
    ['1 / 0 == 1 || true', true],
    ['1 / 0 == 1 && true', 'error: division by zero'],
    ['x.half < 1', true],
    ['x.missing', 'error: no such key: missing'],
    ['has(who.age) ? who.age : -1', -1],
    ['x.?missing.orValue("none")', 'none'],
    ['labels["tier"] + "/" + labels.tier', 'web/web'],
    ['cel.bind(y, x.a + 1, y * y)', 4],
    ["duration('90m').getHours() + timestamp('2024-02-29T12:00:00Z').getDate()", 30],
    ["'%s-%d-%.1f'.format(['a', 1, 2.5])", 'a-1-2.5'],
    ["'a,b,c'.split(',').join('-').upperAscii()", 'A-B-C'],
    ["'a1b22'.findAll('[0-9]+').size()", 2],
    ["'👑x'.size() + 'abc'.indexOf('c')", 4],
    ["quantity('1Gi').isGreaterThan(quantity('500Mi'))", true],
    ["cidr('10.0.0.0/8').containsIP('10.2.3.4')", true],
    ["url('https://a.b:80/c?x=1').getPort()", '80'],
    ["semver('1.2.3').isLessThan(semver('1.10.0'))", true],
    ["sets.contains(['a', 'b'], ['a'])", true],
    ["['ccc', 'a', 'bb'].sortBy(e, e.size()).join()", 'abbccc'],
    ['x.list.map(i, i * 2).sortBy(i, -i) == [6, 4, 2]', true],
    ['[{"n": 2}, {"n": 1}].sortBy(e, e.n)[0].n', 1],
    ["format.dns1123Label().validate('a-b').hasValue()", false],
    ["jsonpatch.escapeKey('a/b~c')", 'a~1b~0c'],
    ["Who{name: 'bob', age: 3}.age", 3],
    ['type(x.half) == double', true],
  ])('%s yields %s', (source, value) => {
    expect(evaluate(source)).toEqual(value)
  })

  it.each([
    ['foo.bar', "1:1: undeclared reference to 'foo' (in container '')\n | foo.bar\n | ^"],
    ['who.nam', "1:4: undefined field 'nam'\n | who.nam\n | ...^"],
    ['1 + "a"', "1:3: found no matching overload for '_+_' applied to '(int, string)'\n | 1 + \"a\"\n | ..^"],
    ["[1, 'a']", "1:5: expected type 'int' but found 'string'\n | [1, 'a']\n | ....^"],
    [
      '"a".sortBy(e, e)',
      '1:1: sortBy can only be applied to a list, identifier, comprehension, call or select expression\n | "a".sortBy(e, e)\n | ^',
    ],
    ["duration('1x')", "1:10: invalid duration argument\n | duration('1x')\n | .........^"],
  ])('%s is refused as cel-go does', (source, text) => {
    expect(evaluate(source)).toBe(`ERROR: <input>:${text}`)
  })

  it.each<[string, number]>([
    ['x.a == 1', 3],
    ['has(x.a)', 1],
    ["x.text in ['abc', 'd']", 2],
    ['[1, 2, 3].all(i, i > 0)', 16],
    ["x.text.startsWith('a')", 3],
    ['[3, 1, 2].sort() == [1, 2, 3]', 30],
    ['[3, 1, 2].sortBy(i, i) == [1, 2, 3]', 72],
  ])('%s costs %i', (source, cost) => {
    const { program } = compileExpression(source, environment)
    expect(program!.evaluate({ x: json })).toMatchObject({ cost })
  })

  it('stops when it has cost too much, and soon', () => {
    const source = 'x.list.all(a, x.list.all(b, x.list.all(c, a + b + c >= 0)))'
    const { program } = compileExpression(source, environment)
    const list = Array.from({ length: 1000 }, (_, index) => index)
    const result = program!.evaluate({ x: { list } })
    expect(result).toMatchObject({
      error: 'operation cancelled: actual cost limit exceeded',
      isOverBudget: true,
    })
  })

  it('is refused when it nests too deep', () => {
    const text = `${'('.repeat(5000)}1${')'.repeat(5000)}`
    expect(evaluate(text)).toBe('ERROR: <input>:-1:0: expression recursion limit exceeded: 250')
    expect(evaluate(`1${'+1'.repeat(2000)}`)).toBe(
      'ERROR: <input>:-1:0: expression recursion limit exceeded: 250',
    )
  })

  it('takes linear time for patterns that ruin others', () => {
    const { program } = compileExpression("x.text.matches('^(a+)+$')", environment)
    expect(program!.evaluate({ x: { text: `${'a'.repeat(5000)}b` } })).toMatchObject({ value: false })
  })

  it('computes members of a lazy object when they are read, once', () => {
    let asked = 0
    const one = (): number => ++asked
    const { program } = compileExpression('variables.one + variables.one', environment)
    const variables = new LazyObject('Variables', new Map([['one', one]]))
    expect(program!.evaluate({ variables })).toMatchObject({ value: 2 })
    expect(asked).toBe(1)
  })

  it('asks the authorizer', () => {
    const source = "authorizer.group('apps').resource('deployments').namespace('a').check('get').allowed()"
    const { program } = compileExpression(source, environment)
    const asked: unknown[] = []
    const authorizer = new CelAuthorizer((check) => {
      asked.push(check)
      return { isAllowed: true, reason: '' }
    })
    expect(program!.evaluate({ authorizer })).toMatchObject({ value: true, cost: 350_005 })
    expect(asked).toEqual([{ group: 'apps', resource: 'deployments', namespace: 'a', verb: 'get' }])
    const own = compileExpression("authorizer.requestResource.check('get').allowed()", environment).program!
    const request = new CelResourceCheck(() => ({ isAllowed: false, reason: 'no' }))
    expect(own.evaluate({ 'authorizer.requestResource': request })).toMatchObject({ value: false })
  })
})
