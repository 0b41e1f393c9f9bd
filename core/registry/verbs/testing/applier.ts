import type { ManagedFieldsEntry } from '../../../api/meta.ts'
import type { WriteOptions, WriteResult } from '../../registry.ts'
import { TestRegistry } from '../../test-registry.ts'
import type { TestObject } from '../../test-registry.ts'

/** Where an object of the namespace `default` is. */
export const ref = (name: string): { namespace: string; name: string } => ({ namespace: 'default', name })

type Config = Partial<TestObject> & {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> }
}

/** Managers that apply over a registry of their own. */
export class Applier {
  readonly t = new TestRegistry()

  as(manager: string, overrides: Partial<WriteOptions> = {}): WriteOptions {
    return { context: this.t.context({ fieldManager: manager }), ...overrides }
  }

  async configMap(manager: string, config: Config, force = false): Promise<TestObject> {
    const metadata = { name: 'a', ...config.metadata }
    const patch = { apiVersion: 'v1', kind: 'ConfigMap', ...config, metadata }
    const result = await this.t.configMaps.patch(ref('a'), { type: 'apply', patch, force }, this.as(manager))
    return result.object
  }

  deployment(
    manager: string,
    spec: object,
    overrides: { force?: boolean; options?: Partial<WriteOptions> } = {},
  ): Promise<WriteResult> {
    const patch = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec }
    const force = overrides.force ?? false
    return this.t.deployments.patch(
      ref('web'),
      { type: 'apply', patch, force },
      this.as(manager, overrides.options),
    )
  }
}

/** The fields of each `manager/operation`. */
export function owners(object: {
  metadata: { managedFields?: ManagedFieldsEntry[] }
}): Record<string, unknown> {
  const entries = object.metadata.managedFields ?? []
  return Object.fromEntries(entries.map((entry) => [`${entry.manager}/${entry.operation}`, entry.fieldsV1]))
}
