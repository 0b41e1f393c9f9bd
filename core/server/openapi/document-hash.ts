import { createHash } from 'node:crypto'
import type { KindDefinition } from '../../registry/kind.ts'
import { verbsOf } from '../discovery/resource-lists.ts'
import { servedSubresources } from '../subresources.ts'
import type { DocumentPlan } from './document-plan.ts'

/** To be raised whenever documents of the same kinds become others: clients keep a document for as long as its hash lasts. */
const revision = 2

const known = new WeakMap<KindDefinition, string>()

/**
 * Names the state of a document without building it: it depends on nothing but its kinds and our version. As long as
 * upstream's, which is the SHA-512 of the text.
 */
export function hashOfPlan({ path, kinds }: DocumentPlan, gitVersion: string): string {
  const facts = JSON.stringify([revision, gitVersion, path, kinds.map(hashOfKind)])
  return createHash('sha512').update(facts).digest('hex').toUpperCase()
}

/** Of what documents tell of a kind. */
function hashOfKind(kind: KindDefinition): string {
  const before = known.get(kind)
  if (before !== undefined) return before
  const { names, namespaced, schema, selectableFields = {}, returnsDeletedObject } = kind
  const facts = [
    kind.kind,
    names,
    namespaced,
    schema,
    verbsOf(kind),
    servedSubresources(kind),
    Object.keys(selectableFields),
    returnsDeletedObject,
  ]
  const hash = createHash('sha256').update(JSON.stringify(facts)).digest('base64')
  known.set(kind, hash)
  return hash
}
