import { describe, expect, it } from 'vitest'
import { cloneData } from './clone-data.ts'
import { checkData, parseJson } from './json.ts'
import { MalformedBody } from './malformed-body.ts'
import { parseYaml, stringifyYaml } from './yaml.ts'

const refused = expect.objectContaining({ code: 400 })

describe('parseJson', () => {
  it('names duplicate keys by path, the last value winning', () => {
    const text = '{"a":1,"spec":{"x":[{"n":1,"n":2}]},"a":"{:"}'
    expect(parseJson(Buffer.from(text))).toEqual({
      value: { a: '{:', spec: { x: [{ n: 2 }] } },
      problems: { messages: ['duplicate field "spec.x[0].n"', 'duplicate field "a"'], text },
    })
  })

  it.each([
    ['bad UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['deep nesting', Buffer.from('['.repeat(100_000) + ']'.repeat(100_000))],
    ['a __proto__ key', Buffer.from('{"a":[{"__proto__":{"x":1}}]}')],
    ['an escaped __proto__ key', Buffer.from('{"\\u005f_proto__":1}')],
  ])('refuses %s', (_what, bytes) => {
    expect(() => parseJson(bytes)).toThrow(refused)
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  it("refuses what is no JSON, in Go's words", () => {
    expect(() => parseJson(Buffer.from('{"a":'))).toThrow(new MalformedBody('unexpected end of JSON input'))
  })

  it('counts nothing inside strings', () => {
    const text = '{"a":"[[[\\"{:","b":[":",{}]}'
    expect(parseJson(Buffer.from(text)).problems).toEqual({ messages: [] })
  })
})

describe('parseYaml', () => {
  it('reads JSON data and reports duplicate keys', () => {
    const { value, problems } = parseYaml('a: 1\nb: &x {c: "2"}\nd: *x\na: 3\n')
    expect(value).toEqual({ a: 3, b: { c: '2' }, d: { c: '2' } })
    expect(problems).toEqual({ messages: ['yaml: unmarshal errors:\n  line 4: key "a" already set in map'] })
  })

  it('refuses an alias bomb quickly', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x]']
    for (let i = 1; i < 10; i++) {
      const before = String.fromCharCode(96 + i)
      const name = String.fromCharCode(97 + i)
      lines.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`)
    }
    expect(() => parseYaml(lines.join('\n'))).toThrow(MalformedBody)
  })

  it('reads the first of several documents, whatever the others are', () => {
    expect(parseYaml('a: b\n---\n]\n').value).toEqual({ a: 'b' })
  })

  it.each(['a: [', 'a: .inf\n', '~: x\n', '? [x]\n: y\nz: !!binary "///"\n&a : *b'])('refuses %j', (text) => {
    expect(() => parseYaml(text)).toThrow(MalformedBody)
  })

  it('reads scalars as Kubernetes does', () => {
    const text =
      'mode: 0644\nis: on\nhas: yes\nat: 2026-01-01\nclock: 12:30:00\nbytes: !!binary aGk=\nx: !!set {a}\n'
    expect(parseYaml(text).value).toEqual({
      mode: 420,
      is: true,
      has: true,
      at: '2026-01-01',
      clock: '12:30:00',
      bytes: 'aGk=',
      x: { a: null },
    })
  })

  it('quotes what others would read as a time', () => {
    const value = { a: '2026-11-29T23:55:00Z', b: '2026-11-29', c: '2026-11-29T23:55:00.000001Z', d: 'at 5' }
    expect(stringifyYaml(value)).toBe(
      'a: "2026-11-29T23:55:00Z"\nb: "2026-11-29"\nc: "2026-11-29T23:55:00.000001Z"\nd: at 5\n',
    )
    expect(parseYaml(stringifyYaml(value)).value).toEqual(value)
  })

  it('writes what reads the same', () => {
    const value = { mode: '0644', is: 'on', has: 'yes', at: '2026-01-01', clock: '12:30:00', y: 'n', no: '~' }
    const text = stringifyYaml(value)
    expect(parseYaml(text).value).toEqual(value)
    expect(text).toContain('has: "yes"')
  })

  it.each(['!a ', '&a ', '*a ', '"" ', ']', ',', '\\q'])(
    'takes linear time for text that is %j and no more',
    (part) => {
      const before = part === ',' ? '[' : part === '\\q' ? '"' : ''
      const time = (times: number): number => {
        const start = process.cpuUsage()
        expect(() => parseYaml(before + part.repeat(times))).toThrow(MalformedBody)
        const { user, system } = process.cpuUsage(start)
        return user + system
      }
      time(1000)
      // A hundred times as long where time is linear, ten thousand times where it is quadratic.
      expect(time(100_000) / Math.max(time(1000), 1000)).toBeLessThan(1000)
    },
  )

  it('says that flows are nested too deeply', () => {
    expect(() => parseYaml(`a: ${'['.repeat(50_000)}`)).toThrow('yaml: exceeded max depth')
    expect(() => parseYaml(`a: ${'['.repeat(500)}${']'.repeat(500)}`)).not.toThrow()
  })

  it('does not let a key reach a prototype', () => {
    const { value } = parseYaml('__proto__:\n  polluted: true\n')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(() => checkData(value)).toThrow(refused)
  })
})

describe('cloneData', () => {
  it('copies deeply and leaves undefined members out', () => {
    const inner = { a: [1, { b: undefined, c: null }] }
    const copy = cloneData(inner)
    expect(copy).toEqual({ a: [1, { c: null }] })
    expect(Object.hasOwn(copy.a[1] as object, 'b')).toBe(false)
    expect(copy.a).not.toBe(inner.a)
  })
})
