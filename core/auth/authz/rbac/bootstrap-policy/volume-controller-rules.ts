import type { PolicyRule } from '../../../../api/generated/rbac-v1.ts'
import { allow, group, read, recordEvents } from './rule.ts'

/** Rules of the controllers of volumes and claims, by the controller's ServiceAccount in kube-system. */
export const volumeControllerRules: Record<string, PolicyRule[]> = {
  'attachdetach-controller': [
    allow(['list', 'watch'], { in: group.core, resources: ['persistentvolumeclaims', 'persistentvolumes'] }),
    allow(read, { in: group.core, resources: ['nodes'] }),
    allow(['patch', 'update'], { in: group.core, resources: ['nodes/status'] }),
    allow(['list', 'watch'], { in: group.core, resources: ['pods'] }),
    recordEvents,
    allow([...read, 'create', 'delete'], { in: group.storage, resources: ['volumeattachments'] }),
    allow(read, { in: group.storage, resources: ['csidrivers'] }),
    allow(read, { in: group.storage, resources: ['csinodes'] }),
  ],
  'ephemeral-volume-controller': [
    allow(read, { in: group.core, resources: ['pods'] }),
    allow(['update'], { in: group.core, resources: ['pods/finalizers'] }),
    allow([...read, 'create'], { in: group.core, resources: ['persistentvolumeclaims'] }),
    recordEvents,
  ],
  'expand-controller': [
    allow([...read, 'patch', 'update'], { in: group.core, resources: ['persistentvolumes'] }),
    allow(['patch', 'update'], { in: group.core, resources: ['persistentvolumeclaims/status'] }),
    allow(read, { in: group.core, resources: ['persistentvolumeclaims'] }),
    recordEvents,
  ],
  'persistent-volume-binder': [
    allow([...read, 'create', 'delete', 'update'], { in: group.core, resources: ['persistentvolumes'] }),
    allow(['update'], { in: group.core, resources: ['persistentvolumes/status'] }),
    allow([...read, 'update'], { in: group.core, resources: ['persistentvolumeclaims'] }),
    allow(['update'], { in: group.core, resources: ['persistentvolumeclaims/status'] }),
    allow([...read, 'create', 'delete'], { in: group.core, resources: ['pods'] }),
    allow(read, { in: group.storage, resources: ['storageclasses'] }),
    allow(['list', 'watch'], { in: group.core, resources: ['nodes'] }),
    recordEvents,
    allow(['watch'], { in: group.core, resources: ['events'] }),
  ],
  'pv-protection-controller': [
    allow([...read, 'update'], { in: group.core, resources: ['persistentvolumes'] }),
    recordEvents,
  ],
  'pvc-protection-controller': [
    allow([...read, 'update'], { in: group.core, resources: ['persistentvolumeclaims'] }),
    allow(['update'], { in: group.core, resources: ['persistentvolumeclaims/status'] }),
    allow(read, { in: group.core, resources: ['pods'] }),
    recordEvents,
  ],
  'resource-claim-controller': [
    allow(read, { in: group.core, resources: ['pods'] }),
    allow(['update'], { in: group.core, resources: ['pods/finalizers'] }),
    allow([...read, 'create', 'delete'], { in: group.resource, resources: ['resourceclaims'] }),
    allow(['patch', 'update'], {
      in: group.resource,
      resources: ['resourceclaims', 'resourceclaims/status'],
    }),
    allow(['patch', 'update'], { in: group.core, resources: ['pods/status'] }),
    recordEvents,
    allow(['patch', 'update'], { in: group.resource, resources: ['resourceclaims/binding'] }),
  ],
  'selinux-warning-controller': [
    recordEvents,
    allow(read, { in: group.core, resources: ['persistentvolumes'] }),
    allow(read, { in: group.core, resources: ['persistentvolumeclaims'] }),
    allow(read, { in: group.core, resources: ['pods'] }),
    allow(read, { in: group.storage, resources: ['csidrivers'] }),
  ],
  'volumeattributesclass-protection-controller': [
    allow(read, { in: group.core, resources: ['persistentvolumeclaims'] }),
    allow(read, { in: group.core, resources: ['persistentvolumes'] }),
    allow([...read, 'update'], { in: group.storage, resources: ['volumeattributesclasses'] }),
    recordEvents,
  ],
}
