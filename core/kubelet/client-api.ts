import { apiVersionOf } from '../api/gvk.ts'
import type { KubeObject } from '../api/meta.ts'
import { resources } from '../api/resources.ts'
import { isAlreadyExists, isConflict, isNotFound } from '../api/status.ts'
import type { Client, ObjectName } from '../client/client.ts'
import type { Pod } from '../api/generated/core-v1.ts'
import type { PodSources } from './pods/pod-source.ts'
import type { KubeletApi } from './kubelet-api.ts'
import { findObject } from '../client/find-object.ts'

const leaseNamespace = 'kube-node-lease'

interface TokenRequest extends KubeObject {
  spec?: Record<string, unknown>
  status?: { token: string; expirationTimestamp: string }
}

/** The KubeletApi over a client, what pods of other nodes there are, and the nodes that the process has seen. Strategic merge patches carry the uid, so that they never touch a successor of the same name. */
export function createClientApi(
  client: Client,
  pods: Pick<PodSources, 'usingClaim'>,
  seenNode: KubeletApi['seenNode'],
): KubeletApi {
  return {
    configMap: (namespace, name) => findObject(client, resources.configMaps, { namespace, name }),
    secret: (namespace, name) => findObject(client, resources.secrets, { namespace, name }),

    resourceClaim: (namespace, name) => findObject(client, resources.resourceClaims, { namespace, name }),
    claim: (namespace, name) => findObject(client, resources.persistentVolumeClaims, { namespace, name }),
    persistentVolume: (name) => findObject(client, resources.persistentVolumes, { name }),
    csiDriver: (name) => findObject(client, resources.csiDrivers, { name }),
    podsUsing: async (claimKey) => pods.usingClaim(claimKey),

    async patchPodStatus(pod, status) {
      const body = { metadata: { uid: pod.metadata.uid }, status }
      try {
        await client.patch(resources.pods, nameOf(pod), { type: 'strategic', body, subresource: 'status' })
        return true
      } catch (error) {
        if (isNotFound(error) || isConflict(error)) return false
        throw error
      }
    },
    async deletePod(pod) {
      const { uid = '' } = pod.metadata
      try {
        await client.delete(resources.pods, nameOf(pod), {
          gracePeriodSeconds: 0,
          preconditions: { uid },
        })
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error
      }
    },
    async createMirrorPod(pod) {
      try {
        await client.create(resources.pods, pod)
      } catch (error) {
        if (!isAlreadyExists(error)) throw error
      }
    },
    runtimeClass: (name) => findObject(client, resources.runtimeClasses, { name }),
    async requestToken(pod, wish) {
      const { namespace = '', name, uid = '' } = pod.metadata
      const account = pod.spec.serviceAccountName ?? 'default'
      const ref = { namespace, name: account, subresource: 'token' }
      const answer: TokenRequest = await client.createSubresource(resources.serviceAccounts, ref, {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        metadata: { name: account, namespace },
        spec: {
          audiences: wish.audience === undefined ? [] : [wish.audience],
          expirationSeconds: wish.expirationSeconds,
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
        },
      } as TokenRequest)
      if (!answer.status) throw new Error(`no token was issued for service account ${namespace}/${account}`)
      return { token: answer.status.token, expiresAt: Date.parse(answer.status.expirationTimestamp) }
    },

    getNode: (name) => findObject(client, resources.nodes, { name }),
    seenNode,
    createNode: (node) => client.create(resources.nodes, node),
    async patchNode(name, body) {
      await client.patch(resources.nodes, { name }, { type: 'strategic', body })
    },
    async patchNodeStatus(name, status) {
      const options = { type: 'strategic', body: { status }, subresource: 'status' } as const
      await client.patch(resources.nodes, { name }, options)
    },
    csiNode: (name) => findObject(client, resources.csiNodes, { name }),
    async createCsiNode(csiNode) {
      await client.create(resources.csiNodes, csiNode)
    },
    async patchCsiNode(name, body) {
      await client.patch(resources.csiNodes, { name }, { type: 'merge', body })
    },
    async createLease(lease) {
      await client.create(resources.leases, { ...lease, apiVersion: apiVersionOf(resources.leases) })
    },
    async renewLease(name, renewTime) {
      const ref = { namespace: leaseNamespace, name }
      await client.patch(resources.leases, ref, { type: 'merge', body: { spec: { renewTime } } })
    },
  }
}

function nameOf(pod: Pod): ObjectName {
  const { name, namespace = '' } = pod.metadata
  return { namespace, name }
}
