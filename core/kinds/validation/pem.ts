/** A block of a PEM text: its type, and what it holds. */
export interface PemBlock {
  type: string
  der: Buffer
}

// A block begins and ends on lines of its own. Its headers, where it has any, are lines with a colon; the rest is base64.
const blockForm =
  /(?<=^|\n)-----BEGIN ([^\n]*?)-----[ \t]*\r?\n((?:[^\n:]*:[^\n]*\n)*)((?:(?!-----BEGIN )[^:])*?)(?<=\n)-----END \1-----[ \t]*\r?(?=\n|$)/g
const base64Form = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** The blocks of a PEM text (RFC 7468) in their order; what is between them, and blocks that hold no base64, are passed over. */
export function pemBlocks(text: string): PemBlock[] {
  return [...text.matchAll(blockForm)].flatMap(([, type = '', , body = '']) => {
    const base64 = body.replace(/\s/g, '')
    return base64Form.test(base64) ? [{ type, der: Buffer.from(base64, 'base64') }] : []
  })
}
