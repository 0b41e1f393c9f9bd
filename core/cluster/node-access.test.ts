import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TokenRequest } from '../api/generated/authentication-v1.ts'
import type { Lease } from '../api/generated/coordination-v1.ts'
import type { Pod } from '../api/generated/core-v1.ts'
import { resources } from '../api/resources.ts'
import type { Client } from '../client/client.ts'
import type { ControlPlane } from './control-plane.ts'
import { openWithAccessControl } from './testing/open-with-access-control.ts'
import { waitFor } from './testing/wait-for.ts'

const directory = mkdtempSync(join(tmpdir(), 'wheelhouse-nodes-'))
let plane: ControlPlane
let admin: Client
let node: Client

beforeAll(async () => {
  plane = await openWithAccessControl(directory)
  admin = plane.clientFor('admin')
  node = plane.nodeClientFor('n1')
  await admin.create(resources.serviceAccounts, { metadata: { name: 'default', namespace: 'default' } })
  for (const name of ['used', 'pulled', 'other', 'volume'])
    await admin.create(resources.secrets, { metadata: { name, namespace: 'default' } })
  await admin.create(resources.persistentVolumes, {
    metadata: { name: 'pv' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      claimRef: { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'claim' },
      csi: {
        driver: 'd.example.com',
        volumeHandle: 'h',
        nodePublishSecretRef: { namespace: 'default', name: 'volume' },
      },
    },
  })
  await admin.create(resources.persistentVolumeClaims, {
    metadata: { name: 'claim', namespace: 'default' },
    spec: {
      volumeName: 'pv',
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
    },
  })
  await admin.create(resources.csiDrivers, {
    metadata: { name: 'd.example.com' },
    spec: { tokenRequests: [{ audience: 'driver' }] },
  })
  await admin.create(resources.pods, pod('mine', 'n1'))
  await admin.create(resources.pods, { ...pod('theirs', 'n2') })
})
afterAll(async () => {
  await plane.close()
  rmSync(directory, { recursive: true })
})

function pod(name: string, nodeName: string): Pod {
  const isMine = nodeName === 'n1'
  return {
    metadata: { name, namespace: 'default' },
    spec: {
      nodeName,
      automountServiceAccountToken: false,
      imagePullSecrets: [{ name: isMine ? 'pulled' : 'other' }],
      containers: [
        {
          name: 'a',
          image: 'i',
          env: [{ name: 'E', valueFrom: { secretKeyRef: { name: isMine ? 'used' : 'other', key: 'k' } } }],
        },
      ],
      volumes: isMine
        ? [
            { name: 'v', persistentVolumeClaim: { claimName: 'claim' } },
            {
              name: 't',
              projected: { sources: [{ serviceAccountToken: { path: 't', audience: 'vault' } }] },
            },
          ]
        : [],
    },
  }
}

describe('a node', () => {
  const unrelated = "no relationship found between node 'n1' and this object"

  it.each(['used', 'pulled', 'volume'])('reads the secret %s that its pod leads to', async (name) => {
    await expect(node.get(resources.secrets, { namespace: 'default', name })).resolves.toBeDefined()
  })
  it('reads no other secret, and none by listing', async () => {
    await expect(node.get(resources.secrets, { namespace: 'default', name: 'other' })).rejects.toMatchObject({
      code: 403,
      message: `secrets "other" is forbidden: User "system:node:n1" cannot get resource "secrets" in API group "" in the namespace "default": ${unrelated}`,
    })
    await expect(node.list(resources.secrets, { namespace: 'default' })).rejects.toThrow(
      'No Object name found',
    )
    await expect(node.list(resources.secrets)).rejects.toThrow('can only read namespaced object of this type')
  })
  it('reads the volume of its pod', async () => {
    await expect(node.get(resources.persistentVolumes, { name: 'pv' })).resolves.toBeDefined()
    await expect(plane.nodeClientFor('n2').get(resources.persistentVolumes, { name: 'pv' })).rejects.toThrow(
      "no relationship found between node 'n2' and this object",
    )
  })
  it('loses access with its pod', async () => {
    await admin.create(resources.secrets, { metadata: { name: 'brief', namespace: 'default' } })
    const brief = {
      ...pod('brief', 'n1'),
      spec: { ...pod('brief', 'n1').spec, imagePullSecrets: [{ name: 'brief' }] },
    }
    await admin.create(resources.pods, brief)
    await node.get(resources.secrets, { namespace: 'default', name: 'brief' })
    await admin.delete(resources.pods, { namespace: 'default', name: 'brief' }, { gracePeriodSeconds: 0 })
    await expect(node.get(resources.secrets, { namespace: 'default', name: 'brief' })).rejects.toThrow(
      unrelated,
    )
  })
  it('lists the pods bound to it only', async () => {
    await expect(node.list(resources.pods)).rejects.toThrow(
      'can only list/watch pods with spec.nodeName field selector',
    )
    const { items } = await node.list(resources.pods, { fieldSelector: 'spec.nodeName=n1' })
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['mine'])
    await expect(node.get(resources.pods, { namespace: 'default', name: 'theirs' })).rejects.toThrow(
      unrelated,
    )
  })
  it('writes the status of its pods only, and deletes no others', async () => {
    const patch = (name: string): Promise<Pod> =>
      node.patch(
        resources.pods,
        { namespace: 'default', name },
        { type: 'strategic', body: { status: { phase: 'Running' } }, subresource: 'status' },
      )
    expect((await patch('mine')).status?.phase).toBe('Running')
    await expect(patch('theirs')).rejects.toThrow(
      'pods "theirs" is forbidden: node "n1" can only update pod status for pods with spec.nodeName set to itself',
    )
    await expect(node.delete(resources.pods, { namespace: 'default', name: 'theirs' })).rejects.toThrow(
      'node "n1" can only delete pods with spec.nodeName set to itself',
    )
    await expect(node.create(resources.pods, pod('new', 'n1'))).rejects.toThrow(
      'pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods',
    )
  })
  it('registers as itself, tainted until it is ready, without labels that steer pods', async () => {
    const create = (name: string, labels: Record<string, string> = {}): Promise<unknown> =>
      node.create(resources.nodes, { metadata: { name, labels }, spec: {} })
    await expect(create('n2')).rejects.toThrow('node "n1" is not allowed to modify node "n2"')
    await expect(
      create('n1', { 'node-role.kubernetes.io/x': '', 'a.node-restriction.kubernetes.io/b': '' }),
    ).rejects.toThrow(
      'node "n1" is not allowed to set the following labels: a.node-restriction.kubernetes.io/b, node-role.kubernetes.io/x',
    )
    await create('n1', { 'kubernetes.io/hostname': 'n1', 'example.com/mine': 'yes' })
    const { spec } = await node.get(resources.nodes, { name: 'n1' })
    expect(spec?.taints).toEqual([{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }])
    await expect(
      node.patch(resources.nodes, { name: 'n1' }, { type: 'merge', body: { spec: { taints: null } } }),
    ).rejects.toThrow('node "n1" is not allowed to modify taints')
    await expect(node.list(resources.nodes)).rejects.toThrow(
      "node 'n1' cannot read all nodes, only its own Node object",
    )
  })
  it('keeps its own lease', async () => {
    const lease = (name: string): Lease => ({
      metadata: { name, namespace: 'kube-node-lease' },
      spec: { holderIdentity: name },
    })
    await node.create(resources.leases, lease('n1'))
    await expect(node.create(resources.leases, lease('n2'))).rejects.toThrow(
      'can only access node lease with the same name as the requesting node',
    )
  })
})

describe('tokens that a node asks for', () => {
  const request = (as: Client, boundObjectRef?: object, audiences: string[] = []): Promise<TokenRequest> =>
    as.createSubresource(
      resources.serviceAccounts,
      { namespace: 'default', name: 'default', subresource: 'token' },
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        metadata: { name: 'default' },
        spec: { audiences, ...(boundObjectRef && { boundObjectRef }) },
      } as TokenRequest,
    )
  const bound = async (name: string): Promise<object> => {
    const { metadata } = await admin.get(resources.pods, { namespace: 'default', name })
    return { apiVersion: 'v1', kind: 'Pod', name, uid: metadata.uid }
  }
  const refused = (why: string): object => ({
    code: 403,
    message: `serviceaccounts "default" is forbidden: ${why}`,
  })

  it('are bound to one of its pods, and for an audience of its volumes', async () => {
    for (const audience of ['vault', 'driver']) {
      const { status } = await request(node, await bound('mine'), [audience])
      expect(status?.token).toMatch(/^ey/)
    }
  })
  it('are refused for other audiences, unless a role lets it have them', async () => {
    const other = async (): Promise<TokenRequest> => request(node, await bound('mine'), ['registry'])
    await expect(other()).rejects.toMatchObject(
      refused(
        'audience "registry" not found in pod spec volume, system:node:n1 is not authorized to request tokens for this audience',
      ),
    )
    await expect(request(node, await bound('mine'), ['vault', 'driver'])).rejects.toMatchObject(
      refused('node may only request 0 or 1 audiences'),
    )
    const name = 'registry-audience'
    await admin.create(resources.clusterRoles, {
      metadata: { name },
      rules: [
        { verbs: ['request-serviceaccounts-token-audience'], apiGroups: [''], resources: ['registry'] },
      ],
    })
    await admin.create(resources.clusterRoleBindings, {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:nodes' }],
    })
    expect((await waitFor(other)).status?.token).toMatch(/^ey/)
  })
  it('are refused without a pod, without its uid, and for a pod of another time', async () => {
    await expect(request(node)).rejects.toMatchObject(refused('node requested token not bound to a pod'))
    const secret = { apiVersion: 'v1', kind: 'Secret', name: 'used', uid: 'x' }
    await expect(request(node, secret)).rejects.toMatchObject(
      refused('node requested token not bound to a pod'),
    )
    const pod = { apiVersion: 'v1', kind: 'Pod', name: 'mine' }
    await expect(request(node, pod)).rejects.toMatchObject(
      refused('node requested token with a pod binding without a uid'),
    )
    await expect(request(node, { ...pod, uid: 'x' })).rejects.toMatchObject(
      refused(
        'the UID in the bound object reference (x) does not match the UID in record. The object might have been deleted and then recreated',
      ),
    )
  })
  it('are refused for a pod of another node', async () => {
    // The account is used on both, so that the authorizer lets both ask.
    await expect(request(node, await bound('theirs'))).rejects.toMatchObject(
      refused('node requested token bound to a pod scheduled on a different node'),
    )
  })
})
