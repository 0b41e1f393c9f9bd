import type { AdmissionPlugin } from '../api/request.ts'
import type { Clock } from '../util/clock.ts'
import type { AdmissionClient } from './admission-reader.ts'
import {
  certificateSubjectRestriction,
  createCertificateApproval,
  createCertificateSigning,
  type SignerAccess,
} from './certificates/certificate-signing-requests.ts'
import { createDefaultIngressClass } from './default-ingress-class.ts'
import { createDefaultStorageClass } from './default-storage-class.ts'
import { defaultTolerationSeconds } from './default-toleration-seconds.ts'
import type { DynamicAdmission } from './dynamic-admission.ts'
import { denyServiceExternalIps } from './deny-service-external-ips.ts'
import { createLimitRanger } from './limit-ranger/limit-ranger.ts'
import { createNamespaceLifecycle } from './namespace-lifecycle.ts'
import { createNodeDeclaredFeatures } from './node-declared-features.ts'
import type { TokenAudienceAccess } from './node-restriction/judge-token.ts'
import { createNodeRestriction } from './node-restriction/node-restriction.ts'
import { createClaimResize } from './persistent-volume-claim-resize.ts'
import { offByDefault } from './plugin-names.ts'
import type { PodSecurityConfiguration } from './pod-security/configuration.ts'
import type { PodSecurityObserver } from './pod-security/pod-security-observer.ts'
import { createPodSecurity } from './pod-security/pod-security.ts'
import { createPodTopologyLabels } from './pod-topology-labels.ts'
import { createPriorityAdmission } from './priority.ts'
import { createResourceQuota } from './resource-quota/resource-quota.ts'
import { createRuntimeClassAdmission } from './runtime-class.ts'
import { createServiceAccountAdmission } from './service-account.ts'
import { storageObjectInUseProtection } from './storage-object-in-use-protection.ts'
import { taintNodesByCondition } from './taint-nodes-by-condition.ts'

export interface AdmissionOptions {
  /** Works without being asked for authorization, such as a Client over the in-process transport. */
  client: AdmissionClient
  /** Webhooks and policies that users register; without it none are asked. */
  dynamic?: Pick<DynamicAdmission, 'mutating' | 'validating'>
  clock: Clock
  /** What PodSecurity goes by where labels say nothing, and what it spares; default: upstream's. */
  podSecurity?: PodSecurityConfiguration
  /** Is told what PodSecurity decides. */
  podSecurityObserver?: PodSecurityObserver
  /** Whether a namespace may have ResourceQuotas: told from memory, so that others cost nothing. Default: always. */
  mayHaveQuota?: (namespace: string) => boolean
  /** Who may approve and sign certificate requests; without it whoever may write them. */
  signerAccess?: SignerAccess
  /** Which audiences beside those its pods need a node may ask tokens for; without it none. */
  tokenAudienceAccess?: TokenAudienceAccess
  /** Names of plugins that run though they do not by default (upstream: --enable-admission-plugins). */
  enabled?: readonly string[]
  /** Names of plugins that do not run (upstream: --disable-admission-plugins). */
  disabled?: readonly string[]
}

/** The admission plugins in the order they run, as upstream orders them. */
export function createAdmission(options: AdmissionOptions): AdmissionPlugin[] {
  const { client, clock, dynamic, signerAccess, enabled = [], disabled = [] } = options
  const plugins = [
    createNamespaceLifecycle(client),
    createLimitRanger(client),
    createServiceAccountAdmission({ reader: client, clock }),
    createNodeRestriction({ reader: client, mayAskFor: options.tokenAudienceAccess ?? (async () => false) }),
    taintNodesByCondition,
    createPodSecurity({
      reader: client,
      clock,
      observer: options.podSecurityObserver,
      ...(options.podSecurity && { configuration: options.podSecurity }),
    }),
    createPriorityAdmission(client),
    defaultTolerationSeconds,
    createDefaultStorageClass(client),
    storageObjectInUseProtection,
    createClaimResize(client),
    createRuntimeClassAdmission(client),
    ...(signerAccess
      ? [createCertificateApproval(signerAccess), createCertificateSigning(signerAccess)]
      : []),
    certificateSubjectRestriction,
    createDefaultIngressClass(client),
    createPodTopologyLabels(client),
    createNodeDeclaredFeatures(client),
    ...(dynamic?.mutating ?? []),
    ...(dynamic?.validating ?? []),
    denyServiceExternalIps,
    createResourceQuota({ client, clock, mayHaveQuota: options.mayHaveQuota ?? (() => true) }),
  ]
  return plugins.filter(
    ({ name }) => enabled.includes(name) || !(offByDefault.includes(name) || disabled.includes(name)),
  )
}
