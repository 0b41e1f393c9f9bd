import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
  CustomResourceSubresourceScale,
} from '../../api/generated/apiextensions-v1.ts'
import { isConditionTrue } from '../../api/conditions.ts'
import { compileJsonPath } from '../../api/json-path.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { FieldError } from '../../api/status.ts'
import type { KindDefinition } from '../../registry/kind.ts'
import type { Schema } from '../../registry/schema/schema.ts'
import type { WebhookClients } from '../../util/webhook/webhook-client.ts'
import { conversionWebhook } from './conversion/conversion-webhook.ts'
import { customColumns } from './custom-columns.ts'

/**
 * The kinds that a definition asks to be served, one for each version (upstream: customresource_handler.go): none
 * before its names are accepted. While it is being deleted nothing can be created any more.
 */
export function customKindsOf(crd: CustomResourceDefinition, webhooks: WebhookClients): KindDefinition[] {
  const { conditions } = crd.status ?? {}
  if (!isConditionTrue(conditions, 'Established')) return []
  const isTerminating = isConditionTrue(conditions, 'Terminating')
  const convert = conversionWebhook(crd, webhooks)
  return crd.spec.versions
    .filter((version) => version.served || (isTerminating && version.storage))
    .map((version) => ({ ...customKind(crd, version, isTerminating), ...(convert && { convert }) }))
}

function customKind(
  crd: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  isTerminating: boolean,
): KindDefinition {
  const { spec, status } = crd
  const { group } = spec
  const {
    kind,
    listKind,
    plural,
    singular = '',
    shortNames,
    categories,
  } = status?.acceptedNames ?? spec.names
  const { subresources, deprecated, deprecationWarning } = version
  const hasStatus = subresources?.status !== undefined
  const storage = spec.versions.find((one) => one.storage)?.name ?? version.name
  return {
    group,
    version: version.name,
    kind,
    namespaced: spec.scope === 'Namespaced',
    names: {
      plural,
      singular,
      ...(shortNames && { short: shortNames }),
      ...(categories && { categories }),
      ...(listKind && { listKind }),
    },
    // Both types describe a schema on the wire; the definition's validation has made sure that it is structural.
    schema: (version.schema?.openAPIV3Schema ?? { type: 'object' }) as Schema,
    columns: customColumns(version.additionalPrinterColumns),
    storageVersion: storage,
    ...(isTerminating && {
      createRefusal: 'create not allowed while custom resource definition is terminating',
    }),
    ...(deprecated && {
      deprecationWarning: deprecationWarning ?? `${group}/${version.name} ${kind} is deprecated`,
    }),
    tracksGeneration: true,
    requiresResourceVersion: true,
    generationOf: (object) => contentOf(object, hasStatus),
    ...(hasStatus && { status: { keepsMetadata: 'all' as const } }),
    ...(subresources?.scale && {
      scale: scaleOf(subresources.scale),
      validate: (object) => validateReplicas(object, subresources.scale!),
    }),
    ...(version.selectableFields && { selectableFields: selectableFields(version.selectableFields) }),
  }
}

/** Everything but metadata, and but status where that has its own endpoint. */
function contentOf(object: KubeObject, hasStatus: boolean): unknown {
  const {
    metadata: _metadata,
    apiVersion: _apiVersion,
    ...content
  } = object as KubeObject & { status?: unknown }
  if (!hasStatus) return content
  const { status: _status, ...rest } = content
  return rest
}

function scaleOf(scale: CustomResourceSubresourceScale): NonNullable<KindDefinition['scale']> {
  const selector = scale.labelSelectorPath ? compileJsonPath(scale.labelSelectorPath) : undefined
  return {
    specReplicasPath: scale.specReplicasPath,
    statusReplicasPath: scale.statusReplicasPath,
    selector(object) {
      const [value] = selector?.(object) ?? []
      return typeof value === 'string' ? value : ''
    },
  }
}

/** Replicas are 32-bit numbers and not negative (upstream: customresource/validator.go ValidateScaleSpec). */
function validateReplicas(object: KubeObject, scale: CustomResourceSubresourceScale): FieldError[] {
  return [scale.specReplicasPath, scale.statusReplicasPath].flatMap((field): FieldError[] => {
    const [value] = compileJsonPath(field)(object)
    if (typeof value !== 'number') return []
    const why =
      value < 0
        ? 'should be a non-negative integer'
        : value > 2147483647
          ? 'should be less than or equal to 2147483647'
          : undefined
    return why ? [{ type: 'FieldValueInvalid', field, message: `Invalid value: ${value}: ${why}` }] : []
  })
}

function selectableFields(fields: { jsonPath: string }[]): NonNullable<KindDefinition['selectableFields']> {
  return Object.fromEntries(
    fields.map(({ jsonPath }) => {
      const names = jsonPath.slice(1).split('.')
      return [jsonPath.slice(1), (object: KubeObject) => textAt(object, names)]
    }),
  )
}

function textAt(object: KubeObject, names: string[]): string {
  let value: unknown = object
  for (const name of names) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return ''
    value = (value as Record<string, unknown>)[name]
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : ''
}
