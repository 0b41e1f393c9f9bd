import type { PodTemplate } from '../../api/generated/core-v1.ts'
import { gatedPodFields } from './pod/gated-fields.ts'
import { podTolerances } from '../validation/tolerated.ts'
import { defineKind } from '../../registry/kind.ts'
import { nameColumn } from '../columns.ts'
import { defaultPodTemplate } from './pod/defaults.ts'
import { validatePodTemplate } from './pod/spec-validation.ts'
import { templateWarnings } from './pod/warnings.ts'

export const podTemplate = defineKind<PodTemplate>({
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  namespaced: true,
  names: { plural: 'podtemplates', singular: 'podtemplate' },
  schema: 'io.k8s.api.core.v1.PodTemplate',
  toleratedWhenStored: podTolerances,
  gatedFields: gatedPodFields('template.spec'),
  returnsDeletedObject: true,
  tracksGeneration: true,
  generationOf: (object) => object.template,
  columns: [
    nameColumn(),
    {
      name: 'Containers',
      type: 'string',
      value: (object) => (object.template?.spec?.containers ?? []).map(({ name }) => name).join(','),
    },
    {
      name: 'Images',
      type: 'string',
      value: (object) => (object.template?.spec?.containers ?? []).map(({ image }) => image ?? '').join(','),
    },
    {
      name: 'Pod Labels',
      type: 'string',
      value: (object) => {
        const labels = Object.entries(object.template?.metadata?.labels ?? {})
        return labels.map(([key, value]) => `${key}=${value}`).join(',') || '<none>'
      },
    },
  ],
  default(object) {
    object.template ??= {}
    defaultPodTemplate(object.template)
  },
  warnings: (object, old) =>
    object.metadata.generation === old?.metadata.generation
      ? []
      : templateWarnings(object.template, 'template'),
  validate: (object) => validatePodTemplate(object.template ?? {}, 'template'),
})
