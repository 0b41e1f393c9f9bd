/** Annotations by which binder, provisioners and scheduler tell each other how far they are (upstream: component-helpers/storage/volume). */
export const volumeAnnotations = {
  /** On a claim: its binding is through; from now on a missing volume means lost data. */
  bindCompleted: 'pv.kubernetes.io/bind-completed',
  /** On a claim or volume: the binder chose its partner, so it may take the choice back. */
  boundByController: 'pv.kubernetes.io/bound-by-controller',
  /** On a volume: which provisioner made it and has to delete it. */
  provisionedBy: 'pv.kubernetes.io/provisioned-by',
  /** On a claim: the node that the scheduler chose; provisioning may begin. */
  selectedNode: 'volume.kubernetes.io/selected-node',
  /** On a claim: the provisioner that is to act, under its present and its older name. */
  storageProvisioner: 'volume.kubernetes.io/storage-provisioner',
  betaStorageProvisioner: 'volume.beta.kubernetes.io/storage-provisioner',
  /** Older name of the storage class, on claims and volumes. */
  storageClass: 'volume.beta.kubernetes.io/storage-class',
} as const

/** Keeps a dynamically made volume until its storage is gone (upstream: sig-storage-lib-external-provisioner). */
export const provisionerFinalizer = 'external-provisioner.volume.kubernetes.io/finalizer'

/** The provisioner of the default StorageClass, and the CSI driver name of the volumes it makes. */
export const localProvisioner = 'local.wheelhouse.io'

/** The provisioner of classes whose volumes are made by hand. */
export const noProvisioner = 'kubernetes.io/no-provisioner'
