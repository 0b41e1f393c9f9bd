import { promisify } from 'node:util'
import { gunzip, gzip, inflate, deflate } from 'node:zlib'

/** What a rewritten link starts with, and the host that links may name without leading elsewhere. */
export interface LinkContext {
  prefix: string
  host: string
}

/** Attributes that hold a URL, by element (HTML 4 and 5; upstream: apimachinery/pkg/util/proxy/transport.go). */
const linkAttributes: Record<string, string[]> = {
  a: ['href'],
  applet: ['codebase'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  command: ['icon'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['src', 'usemap', 'formaction'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  video: ['poster', 'src'],
}

/**
 * A link as the client must follow it: absolute paths of the same host get the prefix, anything else stays as it is. Text
 * that is no URL stays too.
 */
export function rewriteLink(link: string, { prefix, host }: LinkContext): string {
  const parts = /^(?:([a-z][a-z0-9+.-]*:)?\/\/([^/?#]*))?(\/[^?#]*)([^]*)$/i.exec(link)
  if (!parts) return link
  const [, , linkHost = '', path = '', rest = ''] = parts
  if (linkHost !== '' && linkHost !== host) return link
  if (path === prefix || path.startsWith(`${prefix}/`)) return `${path}${rest}`
  return `${prefix}${path.replace(/\/{2,}/g, '/')}${rest}`
}

const startTag = /<!--[^]*?-->|<([a-z][a-z0-9]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/gi
const attribute = /([^\s"'>/=]+)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)/g

/** HTML with its links rewritten; everything else is left as it was written. */
export function rewriteHtml(html: string, context: LinkContext): string {
  return html.replace(startTag, (tag: string, name: string | undefined, attributes: string) => {
    const names = name === undefined ? undefined : linkAttributes[name.toLowerCase()]
    if (!names) return tag
    const rewritten = attributes.replace(attribute, (whole, key: string, equals: string, quoted: string) => {
      if (!names.includes(key.toLowerCase())) return whole as string
      const quote = /^["']/.exec(quoted)?.[0] ?? ''
      const value = quote ? quoted.slice(1, -1) : quoted
      return `${key}${equals}${quote}${rewriteLink(value, context)}${quote}`
    })
    return `<${name}${rewritten}>`
  })
}

const decoders = {
  gzip: { decode: promisify(gunzip), encode: promisify(gzip) },
  deflate: { decode: promisify(inflate), encode: promisify(deflate) },
} as const

/** Whether a body in this Content-Encoding can be rewritten. */
export function isRewritable(encoding: string): boolean {
  return encoding === '' || Object.hasOwn(decoders, encoding)
}

/** A whole HTML body with its links rewritten, in the encoding it came in. */
export async function rewriteBody(body: Buffer, encoding: string, context: LinkContext): Promise<Buffer> {
  const coder = Object.hasOwn(decoders, encoding) ? decoders[encoding as keyof typeof decoders] : undefined
  // Latin-1 keeps every byte as it is, whatever the page's own encoding.
  const text = (coder ? await coder.decode(body) : body).toString('latin1')
  const rewritten = Buffer.from(rewriteHtml(text, context), 'latin1')
  return coder ? coder.encode(rewritten) : rewritten
}
