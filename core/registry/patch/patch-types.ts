import { isCustom } from '../kind.ts'
import type { KindDefinition } from '../kind.ts'

const patchTypes = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
} as const

const { 'application/strategic-merge-patch+json': _strategic, ...customPatchTypes } = patchTypes

type PatchType = (typeof patchTypes)[keyof typeof patchTypes]

/**
 * How objects of a kind can be patched, by media type. Custom resources know no strategic merge: only built-in types say
 * how their lists merge.
 */
export function patchTypesOf(definition: KindDefinition): Readonly<Record<string, PatchType>> {
  return isCustom(definition) ? customPatchTypes : patchTypes
}
