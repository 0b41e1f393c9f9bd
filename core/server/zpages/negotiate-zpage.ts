import { notAcceptable } from '../../api/status.ts'
import type { Exchange } from '../exchange.ts'
import { covers, parseAccept, type AcceptClause } from '../responses/accept.ts'
import { respondStatus } from '../responses/status.ts'

/** How a page about the server itself is answered: as text for people, or as an object of one version of its kind. */
export type ZPageForm = { format: 'text' } | { format: 'json' | 'yaml'; version: string }

/** Whom the pages are about. */
export const component = 'apiserver'

const group = 'config.k8s.io'
const versions = ['v1beta1', 'v1alpha1']
const types = [
  ['application/json', 'json'],
  ['application/yaml', 'yaml'],
  ['text/plain', 'text'],
] as const

/**
 * Chooses the form of a page by an Accept header (upstream: apiserver/pkg/server/statusz and its negotiate). Objects are only
 * had by their kind, as `application/json;as=Statusz;v=v1beta1;g=config.k8s.io`. Undefined where there is no such form.
 */
export function negotiateZPage(accept: string | undefined, kind: string): ZPageForm | undefined {
  if (!accept?.trim()) return { format: 'text' }
  for (const clause of parseAccept(accept)) {
    const { as, g, v, sv, stream } = clause.parameters
    if (sv || stream) continue
    const isKnown = as === kind && g === group && v !== undefined && versions.includes(v)
    for (const [type, format] of types) {
      if (!covers(clause, type)) continue
      if (format === 'text') {
        if (isPlain(clause)) return { format }
      } else if (isKnown) return { format, version: v }
    }
  }
  return undefined
}

function isPlain({ parameters: { as, g, v } }: AcceptClause): boolean {
  return as === undefined && g === undefined && v === undefined
}

/** Answers 406: in YAML where that alone is taken, else in JSON. Pages have no protobuf. */
export async function respondNotAcceptable(exchange: Exchange): Promise<void> {
  const clauses = parseAccept(exchange.header('accept')).filter(isPlain)
  const best = clauses.find(
    (clause) => covers(clause, 'application/json') || covers(clause, 'application/yaml'),
  )
  const format = best && !covers(best, 'application/json') ? 'yaml' : 'json'
  await respondStatus(exchange, { format }, notAcceptable(types.map(([type]) => type)).status)
}

/** How the text of a page begins. */
export function zPageHeading(page: string): string {
  return `\n${component} ${page}\nWarning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.\n`
}

/** The apiVersion of a page's object. */
export function zPageVersion(version: string): string {
  return `${group}/${version}`
}

/** What the content type says of a page's object. */
export function zPageParameters(kind: string, version: string): string {
  return `;g=${group};v=${version};as=${kind}`
}
