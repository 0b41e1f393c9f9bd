import type {
  ExpressionWarning,
  ValidatingAdmissionPolicy,
} from '../api/generated/admissionregistration-v1.ts'
import type { Resource } from '../api/gvk.ts'
import type { KubeObject } from '../api/meta.ts'
import { createCrdFinalizerController } from './apiextensions/finalizer-controller.ts'
import { createNamesController } from './apiextensions/names-controller.ts'
import { createAttachDetachController } from './attachdetach/attachdetach.ts'
import { createBootstrapSigner } from './bootstrap/bootstrap-signer.ts'
import { createTokenCleaner } from './bootstrap/token-cleaner.ts'
import { createCertificateApprover } from './certificates/approver.ts'
import { createCertificateCleaner } from './certificates/cleaner.ts'
import { createCertificateSigner } from './certificates/signer.ts'
import type { SigningAuthority } from './certificates/signing-authority.ts'
import { createClusterRoleAggregationController } from './clusterrole-aggregation/clusterrole-aggregation.ts'
import { createCronJobController } from './cronjob/cronjob.ts'
import { createDaemonSetController } from './daemonset/daemonset.ts'
import { createDeploymentController } from './deployment/deployment.ts'
import { createDeviceTaintEvictionController } from './device-taint-eviction/device-taint-eviction.ts'
import { createDisruptionController } from './disruption/disruption.ts'
import { createStaleDisruptionController } from './disruption/stale-disruption.ts'
import { createEndpointSliceMirroringController } from './endpointslice-mirroring/endpointslice-mirroring.ts'
import { createEndpointsController } from './endpointslice/endpoints.ts'
import { createEndpointSliceController } from './endpointslice/endpointslice.ts'
import { createEphemeralVolumeController } from './ephemeral-volume/ephemeral-volume.ts'
import { createGarbageCollector } from './garbage-collector/garbage-collector.ts'
import { createHorizontalPodAutoscalerController } from './horizontalpodautoscaler/horizontalpodautoscaler.ts'
import type { AutoscalerOptions } from './horizontalpodautoscaler/options.ts'
import { createIngressController } from './ingress/ingress.ts'
import type { IngressHost } from './ingress/ingress-host.ts'
import { createJobController } from './job/job.ts'
import { createJobOrphanPodsController } from './job/orphan-pods.ts'
import type { Controller } from './kit/controller.ts'
import { createNamespaceController, type AggregatedResources } from './namespace/namespace.ts'
import { createNodeLifecycleController } from './node-lifecycle/node-lifecycle.ts'
import type { NodeLifecycleOptions } from './node-lifecycle/options.ts'
import { createPodGcController, type PodGcOptions } from './node-lifecycle/pod-gc.ts'
import { createTaintEvictionController } from './node-lifecycle/taint-eviction.ts'
import { createLocalProvisioner } from './persistent-volume/local-provisioner.ts'
import { createPersistentVolumeBinder } from './persistent-volume/persistent-volume-binder.ts'
import { createVolumeExpander } from './persistent-volume/volume-expander.ts'
import type { VolumeHost } from './persistent-volume/volume-host.ts'
import { createReplicaSetController } from './replicaset/replicaset.ts'
import { createReplicationControllerController } from './replicationcontroller/replicationcontroller.ts'
import { createPodClaimsController } from './resourceclaim/pod-claims.ts'
import { createClaimReservationsController } from './resourceclaim/reservations.ts'
import { createResourceQuotaController } from './resourcequota/resourcequota.ts'
import { createRootCaPublisher } from './serviceaccount/root-ca-publisher.ts'
import { createServiceAccountController } from './serviceaccount/serviceaccount.ts'
import { createTokenSecretsController, type SecretTokenSigner } from './serviceaccount/token-secrets.ts'
import { createAddressRepairController } from './service-addresses/address-repair.ts'
import { createDefaultServiceCidrController } from './service-addresses/default-service-cidr.ts'
import { createLeakedAddressesController } from './service-addresses/leaked-addresses.ts'
import { createServiceCidrController } from './service-addresses/service-cidr.ts'
import type { LoadBalancerHost } from './service-load-balancer/load-balancer-host.ts'
import { createServiceLoadBalancerController } from './service-load-balancer/service-load-balancer.ts'
import { createStatefulSetController } from './statefulset/statefulset.ts'
import { createTtlController } from './ttl/ttl.ts'
import { createTtlAfterFinishedController } from './ttl-after-finished/ttl-after-finished.ts'
import { createVolumeProtectionController } from './volume-protection/pv-protection.ts'
import { createAttributesClassProtectionController } from './volume-protection/vac-protection.ts'
import { createPolicyStatusController } from './validatingadmissionpolicy-status/policy-status.ts'
import { createClaimProtectionController } from './volume-protection/pvc-protection.ts'

export interface ControllersOptions extends NodeLifecycleOptions, PodGcOptions, AutoscalerOptions {
  /** Every resource that is served now and can be listed, watched and deleted; asked again as kinds come and go. */
  resources: () => Resource<KubeObject>[]
  /** What extension API servers serve; absent: there are none. */
  aggregated?: AggregatedResources
  /** The range of cluster IPs that the cluster starts with, as a network. */
  serviceRange: string
  /** PEM of the cluster's CA, for the `kube-root-ca.crt` ConfigMaps. */
  rootCa: string
  /** Signs the certificates that CertificateSigningRequests ask for; absent: nothing is signed. */
  signingAuthority?: SigningAuthority
  /** Makes the tokens for ServiceAccounts that lie in Secrets; absent: such Secrets stay as they are. */
  signSecretToken?: SecretTokenSigner
  /** Checks a policy's expressions against the kinds it matches; absent: policies get no status. */
  checkPolicy?: (policy: ValidatingAdmissionPolicy) => ExpressionWarning[]
  /** Where the built-in provisioner's volumes lie; absent: nothing is provisioned. */
  volumeHost?: VolumeHost
  /** Where Services of type LoadBalancer are open; absent: they get no address from here. */
  loadBalancerHost?: LoadBalancerHost | undefined
  /** Where Ingresses are served; absent: they are left to others. */
  ingressHost?: IngressHost | undefined
}

/** All control loops, in the order they are started. Each is stopped by its own `stop`. */
export function createControllers(options: ControllersOptions): Controller[] {
  const namespacedResources = (): Resource<KubeObject>[] =>
    options.resources().filter(({ namespaced }) => namespaced)
  const garbageCollector = createGarbageCollector(options)
  const { checkPolicy, volumeHost, ingressHost, signingAuthority, signSecretToken: sign } = options
  return [
    createServiceAccountController(options),
    createRootCaPublisher(options, options.rootCa),
    ...(sign ? [createTokenSecretsController(options, { rootCa: options.rootCa, sign })] : []),
    createTokenCleaner(options),
    createBootstrapSigner(options),
    createClusterRoleAggregationController(options),
    createCertificateApprover(options),
    ...(signingAuthority ? [createCertificateSigner(options, signingAuthority)] : []),
    createCertificateCleaner(options),
    ...(checkPolicy ? [createPolicyStatusController(options, checkPolicy)] : []),
    createNamespaceController({ ...options, namespacedResources }),
    createResourceQuotaController({ ...options, namespacedResources }),
    createNodeLifecycleController(options),
    createTaintEvictionController(options),
    createDeviceTaintEvictionController(options),
    createPodGcController(options),
    createReplicaSetController(options),
    createReplicationControllerController(options),
    createDeploymentController(options),
    createStatefulSetController(options),
    createDaemonSetController(options),
    createJobController(options),
    createJobOrphanPodsController(options),
    createTtlAfterFinishedController(options),
    createCronJobController(options),
    createClaimProtectionController(options),
    createVolumeProtectionController(options),
    createAttributesClassProtectionController(options),
    ...createPersistentVolumeBinder(options),
    ...(volumeHost ? createLocalProvisioner({ ...options, volumeHost }) : []),
    createVolumeExpander(options),
    createAttachDetachController(options),
    createEphemeralVolumeController(options),
    createPodClaimsController(options),
    createClaimReservationsController(options),
    createEndpointSliceController(options),
    createEndpointsController(options),
    createEndpointSliceMirroringController(options),
    createDefaultServiceCidrController(options, options.serviceRange),
    createServiceCidrController(options),
    createAddressRepairController(options),
    createLeakedAddressesController(options),
    createServiceLoadBalancerController(options, options.loadBalancerHost),
    ...(ingressHost ? [createIngressController(options, ingressHost)] : []),
    createDisruptionController(options),
    createStaleDisruptionController(options),
    createHorizontalPodAutoscalerController(options),
    createTtlController(options),
    garbageCollector,
    createNamesController({ ...options, onServedKindsChanged: () => garbageCollector.syncResources() }),
    createCrdFinalizerController(options),
  ]
}
