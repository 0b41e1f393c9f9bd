import { Braces, Cpu, DoorOpen, FileStack, Gauge, HardDrive, History } from '@lucide/vue'
import type { Component } from 'vue'
import { groupResource } from '../../core/api/gvk.ts'
import type { MessageKey } from '../i18n/text.ts'
import { defineKindView, type KindView, type ServedResource, type SidebarSection } from '../kit/kind-view.ts'

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

/** The view of a kind the page knows nothing about: the server's columns, metadata, conditions, events and YAML. */
export function genericView(resource: ServedResource): KindView {
  const [section, order, icon, title] = places[groupResource(resource)] ?? ['other', 0, Braces]
  const { shortNames } = resource
  return defineKindView({ resource, section, order, icon, shortNames, ...(title && { title }) })
}
