import { describe, expect, it } from 'vitest'
import { parseGoUrl, type GoUrl } from './go-url.ts'

const none = { scheme: '', host: '', user: undefined, query: '', fragment: '' }

// What url.Parse of Go 1.26 said of the same texts.
describe('a URL as Go reads it', () => {
  it.each<[text: string, parts: Partial<GoUrl>]>([
    ['', {}],
    ['*', {}],
    ['foo', {}],
    ['///h', {}],
    ['http:/x', { scheme: 'http' }],
    ['mailto:a', { scheme: 'mailto' }],
    ['https://', { scheme: 'https' }],
    ['HTTPS://H:443/x?', { scheme: 'https', host: 'H:443' }],
    ['//h/p?q?r#f', { host: 'h', query: 'q?r', fragment: 'f' }],
    ['https://@h', { scheme: 'https', host: 'h', user: '' }],
    ['https://u:p@h', { scheme: 'https', host: 'h', user: 'u:p' }],
    ["https://u!'()*$@x@h/", { scheme: 'https', host: 'h', user: 'u%21%27%28%29%2A$%40x' }],
    ['https://[::1%25e]:80/', { scheme: 'https', host: '[::1%e]:80' }],
    ['https://h%25%c3%a9"<>/ a', { scheme: 'https', host: 'h%é"<>' }],
  ])('takes %s', (text, parts) => {
    expect(parseGoUrl(text)).toEqual({ ...none, ...parts })
  })

  it.each([
    ['https://h:x', 'invalid port ":x" after host'],
    ['https://a:1:2', 'invalid port ":1:2" after host'],
    ['https://[::1]x', 'invalid port "x" after host'],
    ['https://h/%zz', 'invalid URL escape "%zz"'],
    ['https://h#%z', 'invalid URL escape "%z"'],
    ['https://h%41/', 'invalid URL escape "%41"'],
    ['https://[::1%e]/', 'invalid URL escape "%e"'],
    ['https://[x]/', 'invalid host: ParseAddr("x"): unable to parse IP'],
    ['https://[::1', "missing ']' in host"],
    ['https://[1.2.3.4]', 'invalid IP-literal'],
    ['https://h h/', 'invalid character " " in host name'],
    ['https://u %@h', 'net/url: invalid userinfo'],
    ['1:a', 'first path segment in URL cannot contain colon'],
    [':x', 'missing protocol scheme'],
  ])('refuses %s', (text, problem) => {
    expect(parseGoUrl(text)).toBe(`parse ${JSON.stringify(text)}: ${problem}`)
  })
})
