import { immutableInside } from '../validation/internal-form.ts'
import type {
  VolumeAttachment,
  VolumeAttachmentSource,
  VolumeAttachmentSpec,
  VolumeError,
} from '../../api/generated/storage-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { validateVolumeSource } from '../core/volumes/persistent-volume-source.ts'
import { forbiddenField, invalidFor, invalidValue, required, tooLong } from '../../api/field-errors.ts'
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
      ...(spec.attacher ? [] : [required('spec.attacher')]),
      ...validateSource(spec.source ?? {}, 'spec.source'),
      ...invalidFor('spec.nodeName', node, checkDns1123Subdomain(node)),
    ]
  },
  // What v1 asks beyond the versions before it; a stored object is not held to it.
  validateCreate: ({ spec }) => validateNames(spec),
  validateUpdate({ spec }, old) {
    const changed = immutableInside('spec', 'storage.VolumeAttachmentSpec', spec, old.spec)
    return changed.length > 0 ? [...validateNames(spec), ...changed] : []
  },
  status: { keepsMetadata: 'reset', validateUpdate: validateStatus },
})

function validateNames({ attacher, source }: VolumeAttachmentSpec): FieldError[] {
  const volume = source?.persistentVolumeName
  return [
    // That there is none is said already.
    ...(attacher ? validateDriverName(attacher, 'spec.attacher') : []),
    ...(volume === undefined
      ? []
      : invalidFor('spec.source.persistentVolumeName', volume, checkDns1123Subdomain(volume))),
  ]
}

function validateSource(source: VolumeAttachmentSource, path: string): FieldError[] {
  const { inlineVolumeSpec, persistentVolumeName: name } = source
  if (inlineVolumeSpec && name !== undefined) return [forbiddenField(path, exactlyOne)]
  if (inlineVolumeSpec) return validateVolumeSource(inlineVolumeSpec, `${path}.inlineVolumeSpec`, '')
  if (name === undefined) return [required(path, exactlyOne)]
  const where = `${path}.persistentVolumeName`
  return name === '' ? [required(where, 'must specify non empty persistentVolumeName')] : []
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
  const { message = '', errorCode } = error ?? {}
  // The number is upstream's.
  const errors =
    Buffer.byteLength(message) > maxMessageBytes ? [tooLong(`${path}.message`, maxMetadataBytes)] : []
  if (errorCode === undefined || errorCode >= 0) return errors
  const why = 'must be between 0 and 2147483647, inclusive'
  return [...errors, invalidValue(`${path}.errorCode`, errorCode, why)]
}
