import type { KubeObject } from '../../api/meta.ts'
import type { Column, KindDefinition } from '../../registry/kind.ts'
import type { Schema } from '../../registry/schema/schema.ts'
import { nameColumn } from '../columns.ts'

/** What the kinds of the metrics API have in common: they are worked out when they are read (upstream: metrics-server). */
export function readOnly<T extends KubeObject>(): Pick<KindDefinition<T>, 'isVirtual' | 'withoutVerbs'> {
  return {
    isVirtual: true,
    withoutVerbs: ['watch', 'create', 'update', 'patch', 'delete', 'deletecollection'],
  }
}

/** The columns of metrics-server: name, cpu, memory and window. */
export function usageColumns<T extends KubeObject & { window: string }>(
  usage: (object: T, resource: 'cpu' | 'memory') => string,
): Column<T>[] {
  return [
    nameColumn(),
    ...(['cpu', 'memory'] as const).map((resource) => ({
      name: resource,
      type: 'string' as const,
      format: 'quantity',
      value: (object: T) => usage(object, resource),
    })),
    { name: 'Window', type: 'string', format: 'duration', value: ({ window }) => window },
  ]
}

const quantities: Schema = { type: 'object', additionalProperties: { type: 'string' } }

/** The schema of a metrics kind, with what it holds beside the measured window. */
export function metricsSchema(more: Record<string, Schema>): Schema {
  return {
    type: 'object',
    required: ['timestamp', 'window', ...Object.keys(more)],
    properties: {
      timestamp: { type: 'string', format: 'date-time' },
      window: { type: 'string' },
      ...more,
    },
  }
}

/** Amounts by resource name. */
export const usageSchema = quantities
