import type { PolicyRule, RoleBinding, RoleRef, Subject } from '../../../../api/generated/rbac-v1.ts'
import type { ClusterRole } from '../../../../api/generated/rbac-v1.ts'
import type { Resource } from '../../../../api/gvk.ts'
import { objectKey, type KubeObject, type ObjectMeta } from '../../../../api/meta.ts'
import { resources } from '../../../../api/resources.ts'
import { isAlreadyExists, isConflict, isNotFound } from '../../../../api/status.ts'
import type { Client } from '../../../../client/client.ts'
import { deepEqual } from '../../../../client/deep-equal.ts'
import { uncovered } from '../covers.ts'
import { autoUpdateAnnotation, type DefaultPolicy } from './default-policy.ts'
import { findObject } from '../../../../client/find-object.ts'

const maxAttempts = 3

/** What to do about one object: nothing, replace it, or (for a binding of another role) create it anew. */
type Plan<T> = { action: 'none' } | { action: 'update' | 'recreate'; object: T }
type Planner<T> = (existing: T, expected: T) => Plan<T>

/**
 * Brings default roles and bindings back to what they should at least hold: missing ones are created, missing rules,
 * subjects, labels and annotations added, and a binding of another role replaced. What was added by hand stays, and what
 * is annotated `autoupdate: "false"` stays as it is (upstream: component-helpers/auth/rbac/reconciliation, without removal).
 */
export async function reconcileDefaultPolicy(client: Client, policy: DefaultPolicy): Promise<void> {
  await Promise.all([
    reconcileAll(client, { resource: resources.clusterRoles, expected: policy.clusterRoles, plan: planRole }),
    reconcileAll(client, { resource: resources.roles, expected: policy.roles, plan: planRole }),
  ])
  await Promise.all([
    reconcileAll(client, {
      resource: resources.clusterRoleBindings,
      expected: policy.clusterRoleBindings,
      plan: planBinding,
    }),
    reconcileAll(client, {
      resource: resources.roleBindings,
      expected: policy.roleBindings,
      plan: planBinding,
    }),
  ])
}

interface Reconciliation<T extends KubeObject> {
  resource: Resource<T>
  expected: T[]
  plan: Planner<T>
}

async function reconcileAll<T extends KubeObject>(client: Client, work: Reconciliation<T>): Promise<void> {
  const { items } = await client.list(work.resource)
  const known = new Map(items.map((item) => [objectKey(item), item]))
  await Promise.all(
    work.expected.map((expected) =>
      reconcile(client, work, { expected, existing: known.get(objectKey(expected)) }),
    ),
  )
}

async function reconcile<T extends KubeObject>(
  client: Client,
  { resource, plan }: Reconciliation<T>,
  pair: { expected: T; existing: T | undefined },
): Promise<void> {
  const { expected } = pair
  let { existing } = pair
  const ref = refOf(expected)
  for (let attempt = 1; ; attempt++) {
    try {
      if (!existing) {
        await client.create(resource, expected)
        return
      }
      if (existing.metadata.annotations?.[autoUpdateAnnotation] === 'false') return
      const next = plan(existing, expected)
      if (next.action === 'update') await client.update(resource, next.object)
      if (next.action === 'recreate') {
        const { uid = '' } = existing.metadata
        await client.delete(resource, ref, { preconditions: { uid } })
        await client.create(resource, next.object)
      }
      return
    } catch (error) {
      const isRace = isAlreadyExists(error) || isNotFound(error) || isConflict(error)
      if (!isRace || attempt === maxAttempts) throw error
    }
    existing = await findObject(client, resource, ref)
  }
}

function refOf({ metadata: { name, namespace } }: KubeObject): { name: string; namespace?: string } {
  return namespace === undefined ? { name } : { name, namespace }
}

/** What is there wins over what is expected. */
function mergeMetadata(existing: ObjectMeta, expected: ObjectMeta): ObjectMeta {
  return {
    ...existing,
    labels: { ...expected.labels, ...existing.labels },
    annotations: { ...expected.annotations, ...existing.annotations },
  }
}

function planRole(existing: ClusterRole, expected: ClusterRole): Plan<ClusterRole> {
  const object: ClusterRole = { ...existing, metadata: mergeMetadata(existing.metadata, expected.metadata) }
  const missing: PolicyRule[] = uncovered(existing.rules ?? [], expected.rules ?? [])
  if (missing.length > 0) object.rules = [...(existing.rules ?? []), ...missing]
  if (expected.aggregationRule) {
    const there = existing.aggregationRule?.clusterRoleSelectors ?? []
    const absent = (expected.aggregationRule.clusterRoleSelectors ?? []).filter(
      (selector) => !there.some((other) => deepEqual(other, selector)),
    )
    if (absent.length > 0) object.aggregationRule = { clusterRoleSelectors: [...there, ...absent] }
  } else delete object.aggregationRule
  return deepEqual(object, existing) ? { action: 'none' } : { action: 'update', object }
}

function planBinding(existing: RoleBinding, expected: RoleBinding): Plan<RoleBinding> {
  if (!sameRole(existing.roleRef, expected.roleRef)) return { action: 'recreate', object: expected }
  const object: RoleBinding = { ...existing, metadata: mergeMetadata(existing.metadata, expected.metadata) }
  const there: Subject[] = existing.subjects ?? []
  const missing = (expected.subjects ?? []).filter(
    (subject) => !there.some((other) => deepEqual(other, subject)),
  )
  if (missing.length > 0) object.subjects = [...there, ...missing]
  return deepEqual(object, existing) ? { action: 'none' } : { action: 'update', object }
}

function sameRole(a: RoleRef, b: RoleRef): boolean {
  return a.apiGroup === b.apiGroup && a.kind === b.kind && a.name === b.name
}
