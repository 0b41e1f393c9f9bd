/** One entry of an Accept header: `application/json;as=Table;v=v1;g=meta.k8s.io`. */
export interface AcceptClause {
  /** Lower case, without parameters. */
  mediaType: string
  /** Names in lower case; `q` taken out. */
  parameters: Record<string, string>
  quality: number
}

function parseClause(text: string): AcceptClause {
  const [mediaType = '', ...rest] = text.split(';')
  const clause: AcceptClause = { mediaType: mediaType.trim().toLowerCase(), parameters: {}, quality: 1 }
  for (const parameter of rest) {
    const equals = parameter.indexOf('=')
    if (equals < 0) continue
    const name = parameter.slice(0, equals).trim().toLowerCase()
    const value = parameter
      .slice(equals + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1')
    if (name === 'q') clause.quality = Number(value) || 0
    else if (name !== '__proto__') clause.parameters[name] = value
  }
  return clause
}

/** The clauses of an Accept header, best first and what is named before wildcards (RFC 9110 §12.5.1); absent or empty accepts anything. */
export function parseAccept(header: string | undefined): AcceptClause[] {
  if (!header?.trim()) return [{ mediaType: '*/*', parameters: {}, quality: 1 }]
  return header
    .split(',')
    .map(parseClause)
    .filter((clause) => clause.mediaType !== '' && clause.quality > 0)
    .sort((a, b) => b.quality - a.quality || wildcardsOf(a) - wildcardsOf(b))
}

function wildcardsOf({ mediaType }: AcceptClause): number {
  if (mediaType.startsWith('*/')) return 2
  return mediaType.endsWith('/*') ? 1 : 0
}

/** Whether a clause's media type, with its wildcards, covers `type`. */
export function covers(clause: AcceptClause, type: string): boolean {
  return (
    clause.mediaType === type ||
    clause.mediaType === '*/*' ||
    clause.mediaType === `${type.slice(0, type.indexOf('/'))}/*`
  )
}
