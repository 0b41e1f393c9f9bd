import type { Container, Pod, ServiceAccount, Volume, VolumeMount } from '../api/generated/core-v1.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../api/request.ts'
import { resources } from '../api/resources.ts'
import { mirrorAnnotation } from '../api/static-pod.ts'
import { isNotFound } from '../api/status.ts'
import type { Clock } from '../util/clock.ts'
import { randomSuffix } from '../util/random-suffix.ts'
import { admissionForbidden, isPodCreation } from './admission-forbidden.ts'
import type { AdmissionReader } from './admission-reader.ts'

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
const volumePrefix = 'kube-api-access-'
/** An hour and seven seconds, by which kubelets and the API server recognise such tokens. */
const tokenSeconds = 3607
/** A new namespace's default account is made by a controller: wait for it this often and long. */
const defaultAccountAttempts = 10
const attemptDelayMs = 150

export interface ServiceAccountOptions {
  reader: AdmissionReader
  clock: Clock
}

/**
 * Every pod runs as a service account: `default` where none is named, 403 where it does not exist. Mounts its token,
 * the cluster's CA and the namespace at the well-known path, unless pod or account decline, and hands on its
 * imagePullSecrets (upstream: plugin/pkg/admission/serviceaccount).
 */
export function createServiceAccountAdmission(options: ServiceAccountOptions): AdmissionPlugin {
  return {
    name: 'ServiceAccount',
    async admit(attributes) {
      if (!isPodCreation(attributes) || !attributes.object) return
      const pod = attributes.object as Pod
      const { spec } = pod
      if (pod.metadata.annotations?.[mirrorAnnotation] !== undefined) return refuseMirror(pod, attributes)
      spec.serviceAccountName ||= 'default'
      spec.serviceAccount = spec.serviceAccountName
      const account = await findAccount(attributes, spec.serviceAccountName, options)
      if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(pod)
      if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length) {
        spec.imagePullSecrets = account.imagePullSecrets.map((secret) => ({ ...secret }))
      }
    },
  }
}

/** A mirror pod stands for a static pod of a node, which has no access to the API. */
function refuseMirror(pod: Pod, attributes: AdmissionAttributes): void {
  if (pod.spec.serviceAccountName) {
    throw admissionForbidden(attributes, 'a mirror pod may not reference service accounts')
  }
}

async function findAccount(
  attributes: AdmissionAttributes,
  name: string,
  { reader, clock }: ServiceAccountOptions,
): Promise<ServiceAccount> {
  const namespace = attributes.namespace ?? ''
  const attempts = name === 'default' ? defaultAccountAttempts : 1
  for (let attempt = 1; ; attempt++) {
    try {
      return await reader.get(resources.serviceAccounts, { namespace, name })
    } catch (error) {
      if (!isNotFound(error) || attempt >= attempts) {
        const why = isNotFound(error) ? `serviceaccount "${name}" not found` : String(error)
        throw admissionForbidden(attributes, `error looking up service account ${namespace}/${name}: ${why}`)
      }
      await new Promise<void>((resolve) => clock.after(attemptDelayMs, resolve))
    }
  }
}

function mountToken({ spec }: Pod): void {
  const existing = (spec.volumes ?? []).find((volume) => volume.name?.startsWith(volumePrefix))
  const name = existing?.name ?? volumePrefix + randomSuffix()
  const mount: VolumeMount = { name, readOnly: true, mountPath }
  let needed = false
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    if (hasMount(container)) continue
    container.volumeMounts = [...(container.volumeMounts ?? []), { ...mount }]
    needed = true
  }
  if (needed && !existing) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)]
}

function hasMount(container: Container): boolean {
  return (container.volumeMounts ?? []).some((mount) => mount.mountPath === mountPath)
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: tokenSeconds, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 420,
    },
  }
}
