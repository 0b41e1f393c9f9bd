import { Braces, Cpu, DoorOpen, FileStack, Gauge, HardDrive, History } from '@lucide/vue'
import { h, type Component } from 'vue'
import { groupResource } from '../../core/api/gvk.ts'
import type { KubeObject } from '../../core/api/meta.ts'
import FieldRows from '../components/FieldRows.vue'
import type { MessageKey } from '../i18n/text.ts'
import {
  defineKindView,
  type DetailSection,
  type KindView,
  type ServedResource,
  type SidebarSection,
} from '../kit/kind-view.ts'
import { scaleByReadAction } from '../kit/workload-actions.ts'

type Place = [section: SidebarSection, order: number, icon: Component, title?: MessageKey]

/** Where well-known kinds without a view of their own belong. */
const places: Record<string, Place> = {
  'csidrivers.storage.k8s.io': ['storage', 40, HardDrive],
  'csinodes.storage.k8s.io': ['storage', 50, HardDrive],
  'csistoragecapacities.storage.k8s.io': ['storage', 60, HardDrive],
  'volumeattachments.storage.k8s.io': ['storage', 70, HardDrive],
  'volumeattributesclasses.storage.k8s.io': ['storage', 80, FileStack],
  'controllerrevisions.apps': ['workloads', 90, History, 'kind.controllerRevisions'],
  podtemplates: ['workloads', 95, FileStack, 'kind.podTemplates'],
  'runtimeclasses.node.k8s.io': ['config', 90, Cpu, 'kind.runtimeClasses'],
  'flowschemas.flowcontrol.apiserver.k8s.io': ['config', 140, Gauge],
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': ['config', 141, Gauge],
  'ingressclasses.networking.k8s.io': ['network', 50, DoorOpen, 'kind.ingressClasses'],
}

type Fields = Record<string, unknown>

function fieldSection(id: string, title: MessageKey, fieldsOf: (object: Fields) => unknown): DetailSection {
  const fields = (object: KubeObject): Fields => (fieldsOf(object as unknown as Fields) ?? {}) as Fields
  return {
    id,
    title,
    component: Object.assign(
      ({ object }: { object: KubeObject }) => h(FieldRows, { fields: fields(object) }),
      { props: ['object'] },
    ),
    when: (object) => typeof fields(object) === 'object' && Object.keys(fields(object)).length > 0,
  }
}

/** What an object says; its conditions have a table of their own. */
const sections: DetailSection[] = [
  fieldSection('spec', 'section.spec', ({ spec }) => spec),
  fieldSection('status', 'section.status', ({ status }) => {
    const { conditions, ...rest } = (status ?? {}) as Fields
    return rest
  }),
  fieldSection('fields', 'section.fields', ({ apiVersion, kind, metadata, spec, status, ...rest }) => rest),
]

/** The view of a kind the page knows nothing about: the server's columns, its fields, metadata, conditions, events and YAML. */
export function genericView(resource: ServedResource): KindView {
  const [section, order, icon, title] = places[groupResource(resource)] ?? ['other', 0, Braces]
  const { shortNames, subresources } = resource
  const actions = subresources.includes('scale') ? [scaleByReadAction] : []
  return defineKindView({
    resource,
    section,
    order,
    icon,
    shortNames,
    sections,
    actions,
    ...(title && { title }),
  })
}
