import type { Pod } from '../../api/generated/core-v1.ts'
import { controllerOf } from '../../api/meta.ts'
import type { Expectations } from './expectations.ts'
import type { ObjectChange } from './run-controller.ts'

/** Ticks off what the controllers of a kind waited to see. A pod with a deletion time counts as deleted. */
export function observePods(
  expectations: Expectations,
  ownerKind: string,
  { type, object, previous }: ObjectChange<Pod>,
): void {
  const owner = controllerOf(object) ?? (previous && controllerOf(previous))
  if (owner?.kind !== ownerKind) return
  const key = `${object.metadata.namespace ?? ''}/${owner.name}`
  const isGoing = type === 'deleted' || object.metadata.deletionTimestamp !== undefined
  if (isGoing) expectations.deletionObserved(key, object.metadata.uid ?? '')
  else if (type === 'added') expectations.creationObserved(key)
}
