import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
  CustomResourceSubresourceScale,
} from '../../api/generated/apiextensions-v1.ts'
import { isConditionTrue } from '../../api/conditions.ts'
import { goQuote, isNumber } from '../../api/go-text.ts'
import { compileJsonPath } from '../../api/json-path.ts'
import type { KubeObject } from '../../api/meta.ts'
import { qualifiedNameProblems } from '../../api/names.ts'
import { standardFinalizers } from '../../registry/validation/metadata.ts'
import type { KindDefinition } from '../../registry/kind.ts'
import type { Schema } from '../../registry/schema/schema.ts'
import type { WebhookClients } from '../../util/webhook/webhook-client.ts'
import { validateScaleSpec, validateScaleStatus } from './scale-validation.ts'
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
  const scale = subresources?.scale
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
    schema: schemaOf(version),
    columns: customColumns(version.additionalPrinterColumns),
    storageVersion: storage,
    versionSchemas: Object.fromEntries(spec.versions.map((one) => [`${group}/${one.name}`, schemaOf(one)])),
    ...(isTerminating && {
      createRefusal: 'create not allowed while custom resource definition is terminating',
    }),
    ...(deprecated && {
      deprecationWarning: deprecationWarning ?? `${group}/${version.name} ${kind} is deprecated`,
    }),
    tracksGeneration: true,
    warnings: finalizerWarnings,
    requiresResourceVersion: true,
    generationOf: (object) => contentOf(object, hasStatus),
    ...(hasStatus && {
      status: {
        keepsMetadata: 'all' as const,
        ...(scale && { validateUpdate: (object: KubeObject) => validateScaleStatus(object, scale) }),
      },
    }),
    ...(scale && {
      scale: scaleOf(scale),
      validate: (object) => [...validateScaleSpec(object, scale), ...validateScaleStatus(object, scale)],
    }),
    ...(version.selectableFields && { selectableFields: selectableFields(version.selectableFields) }),
  }
}

function schemaOf({ schema }: CustomResourceDefinitionVersion): Schema {
  // Both types describe a schema on the wire; the definition's validation has made sure that it is structural.
  return (schema?.openAPIV3Schema ?? { type: 'object' }) as Schema
}

/** What new finalizers should be named like (upstream: customresource/validator.go validateKubeFinalizerName). */
function finalizerWarnings({ metadata }: KubeObject, old: KubeObject | undefined): string[] {
  const known = new Set(old?.metadata.finalizers)
  const added = [...new Set(metadata.finalizers)].filter((name) => !known.has(name)).sort()
  return added.flatMap((name) => {
    const problems = qualifiedNameProblems(name)
    if (!name.includes('/') && !standardFinalizers.includes(name)) {
      const including = name.includes('.') ? ' including a path (/)' : ''
      problems.push(
        `prefer a domain-qualified finalizer name${including} to avoid accidental conflicts with other finalizer writers`,
      )
    }
    return problems.map((problem) => `metadata.finalizers: ${goQuote(name)}: ${problem}`)
  })
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
  return typeof value === 'string' || isNumber(value) || typeof value === 'boolean' ? String(value) : ''
}
