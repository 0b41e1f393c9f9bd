import { beforeEach } from 'vitest'
import { parse } from 'yaml'
import type { KubeObject, ManagedFieldsEntry } from '../../api/meta.ts'
import type { AdmissionPlugin } from '../../api/request.ts'
import type { Registry, ResourceRegistry, WriteOptions } from '../../registry/registry.ts'
import { createTestRegistry, testContext } from './test-registry.ts'

/** Where the deployment is. */
export const web = { namespace: 'default', name: 'web' }

/** The built-in kinds, new for each test of a file, for writes by several managers at times that the test sets. */
export function useWriters() {
  let now = '2026-01-01T00:00:00Z'
  let registry: Registry
  const admission: AdmissionPlugin[] = []
  beforeEach(() => {
    now = '2026-01-01T00:00:00Z'
    admission.length = 0
    registry = createTestRegistry({ admission })
  })

  function as(fieldManager: string, options: Partial<WriteOptions> = {}): WriteOptions {
    return { context: testContext({ fieldManager, now }), ...options }
  }

  function resource(group: string, version: string, plural: string): ResourceRegistry {
    return registry.resource(group, version, plural)!
  }
  const pods = (): ResourceRegistry => resource('', 'v1', 'pods')
  const deployments = (): ResourceRegistry => resource('apps', 'v1', 'deployments')

  return {
    get now() {
      return now
    },
    set now(value) {
      now = value
    },
    admission,
    as,
    resource,
    pods,
    deployments,
  }
}

/** What `manager` owns of an object, through `subresource` if given. */
export function entryOf(
  object: KubeObject,
  manager: string,
  subresource?: string,
): ManagedFieldsEntry | undefined {
  return object.metadata.managedFields?.find(
    (entry) => entry.manager === manager && entry.subresource === subresource,
  )
}

/** Two replicas of nginx. */
export const deployment = parse(`
metadata: { name: web, labels: { app: web } }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - { name: nginx, image: nginx, ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1' } } }
`) as KubeObject
