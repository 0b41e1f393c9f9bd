import type { VolumeAttachment, VolumeAttachmentSource, VolumeError } from '../../api/generated/storage-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { validateVolumeSource } from '../core/volumes/persistent-volume-source.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import { forbiddenField, immutable, invalidFor, required, tooLong } from '../validation/field-errors.ts'
import { checkDns1123Subdomain } from '../validation/formats.ts'
import { validateDriverName } from './driver-name.ts'

const maxMetadataBytes = 256 * 1024
const maxMessageBytes = 1024
const exactlyOne = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'

export const volumeAttachment = defineKind<VolumeAttachment>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  namespaced: false,
  names: { plural: 'volumeattachments', singular: 'volumeattachment' },
  schema: 'io.k8s.api.storage.v1.VolumeAttachment',
  returnsDeletedObject: true,
  tracksGeneration: false,
  requiresResourceVersion: true,
  columns: [
    nameColumn(),
    { name: 'Attacher', type: 'string', format: 'name', value: ({ spec }) => spec.attacher },
    { name: 'PV', type: 'string', value: ({ spec }) => spec.source?.persistentVolumeName ?? '' },
    { name: 'Node', type: 'string', value: ({ spec }) => spec.nodeName },
    { name: 'Attached', type: 'boolean', value: ({ status }) => status?.attached ?? false },
    ageColumn(),
  ],
  validate({ spec }) {
    const node = spec.nodeName ?? ''
    return [
      ...validateDriverName(spec.attacher, 'spec.attacher'),
      ...validateSource(spec.source ?? {}, 'spec.source'),
      ...invalidFor('spec.nodeName', node, checkDns1123Subdomain(node)),
    ]
  },
  validateUpdate: ({ spec }, old) => (deepEqual(spec, old.spec) ? [] : [immutable('spec', spec)]),
  status: { keepsMetadata: 'all', validateUpdate: validateStatus },
})

function validateSource(source: VolumeAttachmentSource, path: string): FieldError[] {
  const { inlineVolumeSpec, persistentVolumeName: name } = source
  if (inlineVolumeSpec && name !== undefined) return [forbiddenField(path, exactlyOne)]
  if (inlineVolumeSpec) return validateVolumeSource(inlineVolumeSpec, `${path}.inlineVolumeSpec`, '')
  if (name === undefined) return [required(path, exactlyOne)]
  const where = `${path}.persistentVolumeName`
  if (name === '') return [required(where, 'must specify non empty persistentVolumeName')]
  return invalidFor(where, name, checkDns1123Subdomain(name))
}

function validateStatus({ status }: VolumeAttachment): FieldError[] {
  const entries = Object.entries(status?.attachmentMetadata ?? {})
  const bytes = entries.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  )
  return [
    ...(bytes > maxMetadataBytes ? [tooLong('status.attachmentMetadata', maxMetadataBytes)] : []),
    ...validateVolumeError(status?.attachError, 'status.attachError'),
    ...validateVolumeError(status?.detachError, 'status.detachError'),
  ]
}

function validateVolumeError(error: VolumeError | undefined, path: string): FieldError[] {
  return Buffer.byteLength(error?.message ?? '') > maxMessageBytes
    ? [tooLong(`${path}.message`, maxMessageBytes)]
    : []
}
