import { Activity, Cable, LayoutDashboard } from '@lucide/vue'
import type { Component } from 'vue'
import type { RouteLocationRaw } from 'vue-router'
import type { Translate } from '../i18n/text.ts'
import { pluralKind } from '../kit/plural-kind.ts'
import { sidebarSections, type KindView } from '../kit/kind-view.ts'

export interface NavigationItem {
  id: string
  title: string
  icon: Component
  route: RouteLocationRaw
}
export interface NavigationGroup {
  id: string
  title: string
  items: NavigationItem[]
}

/** The sidebar and the palette's destinations: descriptors and discovery, with the page's own views among them. */
export function navigationGroups(cluster: string, views: KindView[], t: Translate): NavigationGroup[] {
  const params = { cluster }
  const own: Record<string, NavigationItem[]> = {
    cluster: [
      {
        id: 'overview',
        title: t('nav.overview'),
        icon: LayoutDashboard,
        route: { name: 'overview', params },
      },
    ],
    workloads: [
      { id: 'workloads', title: t('nav.overview'), icon: Activity, route: { name: 'workloads', params } },
    ],
  }
  const tail: Record<string, NavigationItem[]> = {
    network: [
      {
        id: 'port-forwards',
        title: t('nav.portForwards'),
        icon: Cable,
        route: { name: 'port-forwards', params },
      },
    ],
  }
  const itemOf = (view: KindView): NavigationItem => ({
    id: view.id,
    title: view.title ? t(view.title) : pluralKind(view.resource),
    icon: view.icon,
    route: { name: 'list', params: { cluster, kind: view.id } },
  })
  const groups: NavigationGroup[] = []
  for (const section of sidebarSections) {
    const members = views
      .filter((view) => view.section === section)
      .sort((a, b) => a.order - b.order || a.resource.kind.localeCompare(b.resource.kind))
    if (section === 'other') {
      const names = [...new Set(members.map(({ resource }) => resource.group))].sort()
      for (const name of names) {
        const items = members.filter(({ resource }) => resource.group === name).map(itemOf)
        groups.push({ id: `group:${name}`, title: name || t('nav.coreGroup'), items })
      }
    } else {
      const items = [...(own[section] ?? []), ...members.map(itemOf), ...(tail[section] ?? [])]
      if (items.length) groups.push({ id: section, title: t(`nav.${section}`), items })
    }
  }
  return groups
}
