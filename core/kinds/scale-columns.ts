import type { KubeObject } from '../api/meta.ts'
import type { Column } from '../registry/kind.ts'
import { ageColumn, nameColumn } from './columns.ts'

interface Scale extends KubeObject {
  spec?: { replicas?: number }
  status?: { replicas?: number }
}

/** The columns of a Scale, whatever it is the scale of (upstream: pkg/printers/internalversion, printScale). */
export const scaleColumns = [
  nameColumn<Scale>(),
  { name: 'Desired', type: 'integer', value: ({ spec }: Scale) => spec?.replicas ?? 0 },
  { name: 'Available', type: 'integer', value: ({ status }: Scale) => status?.replicas ?? 0 },
  ageColumn<Scale>(),
] as Column<KubeObject>[]

/** The same of a custom resource: what a Scale does not say is left empty (upstream: apiextensions-apiserver helpers.go). */
export const customScaleColumns = [
  nameColumn<Scale>(),
  {
    name: 'Desired',
    type: 'integer',
    description: 'Number of desired replicas',
    value: ({ spec }: Scale) => spec?.replicas || null,
  },
  {
    name: 'Available',
    type: 'integer',
    description: 'Number of actual replicas',
    value: ({ status }: Scale) => status?.replicas ?? null,
  },
  { ...ageColumn<Scale>(), type: 'date' },
] as Column<KubeObject>[]
