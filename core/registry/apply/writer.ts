import { difference, leaf } from './field-set.ts'
import type { FieldSet } from './field-set.ts'

/** Metadata that nobody owns. */
const unowned: FieldSet = (() => {
  const names = [
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'generation',
    'managedFields',
    'resourceVersion',
  ]
  const metadata = { isMember: true, children: new Map(names.map((name) => [`f:${name}`, leaf])) }
  const children = new Map([
    ['f:apiVersion', leaf],
    ['f:kind', leaf],
    ['f:metadata', metadata],
  ])
  return { isMember: false, children }
})()

/** Who writes, and through what. */
export interface Writer {
  manager: string
  apiVersion: string
  subresource: string | undefined
  /** RFC 3339. */
  now: string
  /** Whether writes through this endpoint can set a top-level field such as `status`. */
  owns(topLevelField: string): boolean
  /** Members of metadata that they cannot. */
  keepsMetadata?: readonly string[]
}

/** What of a set of fields a writer may own. */
export function ownable(set: FieldSet, writer: Writer): FieldSet {
  return difference(difference(set, unowned), unwritable(set, writer))
}

/** The fields that the writer's endpoint never sets, with all below them. */
export function unwritable(set: FieldSet, writer: Writer): FieldSet {
  const children = new Map([...set.children].filter(([element]) => !writer.owns(element.slice(2))))
  const metadata = set.children.get('f:metadata')
  if (metadata && writer.keepsMetadata) {
    const kept = [...metadata.children].filter(([element]) =>
      writer.keepsMetadata!.includes(element.slice(2)),
    )
    children.set('f:metadata', { isMember: false, children: new Map(kept) })
  }
  return { isMember: false, children }
}
