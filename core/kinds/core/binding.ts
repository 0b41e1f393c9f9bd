import type { Binding } from '../../api/generated/core-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { createOnly } from '../create-only.ts'

/** Assigns the pod of its own name to a node: the older way to `pods/binding`. */
export const binding = defineKind<Binding>({
  group: '',
  version: 'v1',
  kind: 'Binding',
  namespaced: true,
  names: { plural: 'bindings', singular: 'binding' },
  schema: 'io.k8s.api.core.v1.Binding',
  ...createOnly<Binding>(),
})
