import {
  BadgeCheck,
  Braces,
  CalendarClock,
  Cpu,
  DoorOpen,
  FileClock,
  FileStack,
  History,
  Link2,
  ListOrdered,
  Package,
  Puzzle,
  Route,
  ShieldCheck,
  Webhook,
} from '@lucide/vue'
import type { Component } from 'vue'
import { groupResource } from '../../core/api/gvk.ts'
import { defineKindView, type KindView, type ServedResource, type SidebarSection } from '../kit/kind-view.ts'

type Place = [section: SidebarSection, order: number, icon: Component]

/** Where well-known kinds without a view of their own belong. */
const places: Record<string, Place> = {
  'customresourcedefinitions.apiextensions.k8s.io': ['cluster', 40, Puzzle],
  'apiservices.apiregistration.k8s.io': ['cluster', 50, Puzzle],
  'jobs.batch': ['workloads', 60, Package],
  'cronjobs.batch': ['workloads', 70, CalendarClock],
  replicationcontrollers: ['workloads', 80, FileStack],
  'controllerrevisions.apps': ['workloads', 90, History],
  podtemplates: ['workloads', 95, FileStack],
  'leases.coordination.k8s.io': ['config', 70, FileClock],
  'priorityclasses.scheduling.k8s.io': ['config', 80, ListOrdered],
  'runtimeclasses.node.k8s.io': ['config', 90, Cpu],
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': ['config', 100, Webhook],
  'validatingwebhookconfigurations.admissionregistration.k8s.io': ['config', 110, Webhook],
  'ingresses.networking.k8s.io': ['network', 40, Route],
  'ingressclasses.networking.k8s.io': ['network', 50, DoorOpen],
  'roles.rbac.authorization.k8s.io': ['access', 20, ShieldCheck],
  'rolebindings.rbac.authorization.k8s.io': ['access', 30, Link2],
  'clusterroles.rbac.authorization.k8s.io': ['access', 40, ShieldCheck],
  'clusterrolebindings.rbac.authorization.k8s.io': ['access', 50, Link2],
  'certificatesigningrequests.certificates.k8s.io': ['access', 60, BadgeCheck],
}

/** The view of a kind the page knows nothing about: the server's columns, metadata, conditions, events and YAML. */
export function genericView(resource: ServedResource): KindView {
  const [section, order, icon] = places[groupResource(resource)] ?? ['other', 0, Braces]
  return defineKindView({ resource, section, order, icon, shortNames: resource.shortNames })
}
