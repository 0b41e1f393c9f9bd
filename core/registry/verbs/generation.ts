import type { KubeObject } from '../../api/meta.ts'
import { jsonEqual } from '../json-equal.ts'
import type { KindDefinition } from '../kind.ts'

/** Whether objects of this kind carry a generation. */
export function tracksGeneration(definition: KindDefinition): boolean {
  return definition.tracksGeneration ?? definition.status !== undefined
}

/** The generation of a changed object: one more than before when what counts as its spec differs. */
export function nextGeneration(
  definition: KindDefinition,
  object: KubeObject,
  old: KubeObject,
): number | undefined {
  const { generation } = old.metadata
  if (!tracksGeneration(definition)) return generation
  const specOf = (value: KubeObject): unknown =>
    definition.generationOf ? definition.generationOf(value) : (value as { spec?: unknown }).spec
  return jsonEqual(specOf(object), specOf(old)) ? generation : (generation ?? 0) + 1
}
