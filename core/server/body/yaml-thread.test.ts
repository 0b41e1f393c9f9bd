import { describe, expect, it } from 'vitest'
import { MalformedBody } from './malformed-body.ts'
import { checkData } from './json.ts'
import { parseYaml } from './yaml.ts'
import { parseYamlAside } from './yaml-thread.ts'

/** A text that is worth a thread. */
const long = (last: string): string =>
  `${'a: 1 # comment\n'
    .replace('a', 'k')
    .repeat(1)
    .concat(Array.from({ length: 4000 }, (_, at) => `key-${at}: [${at}, "x"]\n`).join(''))}${last}`

describe('parsing of long YAML', () => {
  it('gives what parsing in place gives', async () => {
    const text = long('big: 9007199254740993\nk: 2\n')
    expect(await parseYamlAside(text)).toEqual(parseYaml(text))
  })

  it('refuses in the same words', async () => {
    const text = long('bad: [\n')
    const here = ((): Error => {
      try {
        return new Error(String(parseYaml(text)))
      } catch (error) {
        return error as Error
      }
    })()
    await expect(parseYamlAside(text)).rejects.toThrow(new MalformedBody(here.message))
  })

  it('does not let a key reach a prototype', async () => {
    const { value } = await parseYamlAside(long('__proto__: { polluted: true }\n'))
    expect((value as { polluted?: unknown }).polluted).toBeUndefined()
    expect(() => checkData(value)).toThrow(expect.objectContaining({ code: 400 }))
  })

  it('lets other work go on meanwhile', async () => {
    const order: string[] = []
    const parsed = parseYamlAside(long('')).then(() => order.push('parsed'))
    await new Promise((resolve) => setImmediate(resolve))
    order.push('other work')
    await parsed
    expect(order).toEqual(['other work', 'parsed'])
  })

  it('begins again after it has ended', async () => {
    for (const last of ['z: 1\n', 'z: 2\n']) {
      const { value } = await parseYamlAside(long(last))
      expect(value).toMatchObject({ z: Number(last[3]) })
    }
  })
})
