import type { KubeObject } from '../api/meta.ts'
import type { AdmissionPlugin, RequestContext } from '../api/request.ts'
import { createMemoryStore } from '../storage/memory-store.ts'
import type { Store } from '../storage/store.ts'
import { rfc3339 } from '../util/clock.ts'
import { FakeClock } from '../util/fake-clock.ts'
import { silentLogger } from '../util/logger.ts'
import { createRegistry } from './create-registry.ts'
import type { KindDefinition } from './kind.ts'
import type { Registry, ResourceRegistry, WriteOptions } from './registry.ts'

/** An object with everything open: what tests write and read. */
export interface TestObject extends KubeObject {
  spec?: Record<string, unknown>
  status?: Record<string, unknown>
  data?: Record<string, string>
}

function kindOf(
  definition: Partial<KindDefinition> & Pick<KindDefinition, 'kind' | 'schema' | 'names'>,
): KindDefinition {
  return { group: '', version: 'v1', namespaced: true, columns: [], ...definition }
}

const specOf = (object: KubeObject): Record<string, unknown> => ((object as TestObject).spec ??= {})

/** Small kinds, each with another set of the features a KindDefinition can have. */
const testKinds: KindDefinition[] = [
  kindOf({
    kind: 'ConfigMap',
    schema: 'io.k8s.api.core.v1.ConfigMap',
    names: { plural: 'configmaps', singular: 'configmap' },
  }),
  kindOf({
    kind: 'Node',
    namespaced: false,
    schema: 'io.k8s.api.core.v1.Node',
    names: { plural: 'nodes', singular: 'node' },
    status: { keptOnCreate: true },
    tracksGeneration: false,
  }),
  kindOf({
    kind: 'Pod',
    schema: 'io.k8s.api.core.v1.Pod',
    names: { plural: 'pods', singular: 'pod' },
    status: {},
    selectableFields: {
      'spec.nodeName': (object) => (specOf(object)['nodeName'] as string | undefined) ?? '',
    },
    gracefulDeletion: {
      gracePeriodSeconds: (object, requested) =>
        specOf(object)['nodeName'] === undefined ? 0 : (requested ?? 30),
    },
    subresources: {
      binding: {
        body: { group: '', version: 'v1', kind: 'Binding' },
        verbs: ['create'],
        apply(parent, body) {
          specOf(parent)['nodeName'] = (body as unknown as { target: { name: string } }).target.name
          return parent
        },
      },
    },
  }),
  kindOf({
    group: 'apps',
    kind: 'Deployment',
    schema: 'io.k8s.api.apps.v1.Deployment',
    names: { plural: 'deployments', singular: 'deployment' },
    status: {},
    scale: {
      specReplicasPath: 'spec.replicas',
      statusReplicasPath: 'status.replicas',
      selector: () => 'app=web',
    },
    default(object) {
      specOf(object)['replicas'] ??= 1
    },
    validate(object) {
      const replicas = specOf(object)['replicas']
      if (typeof replicas !== 'number' || replicas >= 0) return []
      return [
        {
          type: 'FieldValueInvalid',
          field: 'spec.replicas',
          message: `Invalid value: ${replicas}: must be greater than or equal to 0`,
        },
      ]
    },
  }),
  kindOf({
    group: 'coordination.k8s.io',
    kind: 'Lease',
    schema: 'io.k8s.api.coordination.v1.Lease',
    names: { plural: 'leases', singular: 'lease' },
    createsOnUpdate: true,
    requiresResourceVersion: true,
  }),
]

/** A registry over an empty memory store, with a clock that stands still. */
export class TestRegistry {
  readonly clock = new FakeClock()
  readonly store: Store = createMemoryStore({ clock: this.clock })
  readonly registry: Registry
  readonly warnings: string[] = []

  constructor(admission: AdmissionPlugin[] = [], kinds: KindDefinition[] = testKinds) {
    const { store, clock } = this
    this.registry = createRegistry({ store, kinds, admission, clock, log: silentLogger })
  }

  get configMaps(): ResourceRegistry {
    return this.#resource('', 'configmaps')
  }
  get nodes(): ResourceRegistry {
    return this.#resource('', 'nodes')
  }
  get pods(): ResourceRegistry {
    return this.#resource('', 'pods')
  }
  get deployments(): ResourceRegistry {
    return this.#resource('apps', 'deployments')
  }
  get leases(): ResourceRegistry {
    return this.#resource('coordination.k8s.io', 'leases')
  }

  context(overrides: Partial<RequestContext> = {}): RequestContext {
    return {
      user: { name: 'ada', groups: [] },
      dryRun: false,
      fieldManager: 'test',
      now: rfc3339(this.clock.now()),
      warn: (message) => this.warnings.push(message),
      ...overrides,
    }
  }

  options(overrides: Partial<WriteOptions> = {}): WriteOptions {
    return { context: this.context(), ...overrides }
  }

  #resource(group: string, plural: string): ResourceRegistry {
    return this.registry.resource(group, 'v1', plural)!
  }
}

/** A ConfigMap to be created. */
export function configMap(
  name: string,
  data: Record<string, string> = {},
  labels?: Record<string, string>,
): TestObject {
  return { metadata: { name, ...(labels && { labels }) }, data }
}

/** A Pod to be created. */
export function pod(name: string, spec: Record<string, unknown> = {}): TestObject {
  return { metadata: { name }, spec: { containers: [{ name: 'main', image: 'nginx' }], ...spec } }
}

/** A Deployment to be created. */
export function deployment(name: string, spec: Record<string, unknown> = {}): TestObject {
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: { containers: [{ name: 'main', image: 'nginx:1' }] },
  }
  return { metadata: { name }, spec: { selector: { matchLabels: { app: 'web' } }, template, ...spec } }
}
