import { Braces, FilePenLine, Languages, Layers, Moon, ScrollText, SquareTerminal } from '@lucide/vue'
import { computed, type Component, type ComputedRef } from 'vue'
import { useRouter } from 'vue-router'
import { groupResource } from '../../core/api/gvk.ts'
import { resources } from '../../core/api/resources.ts'
import { useText } from '../i18n/text.ts'
import { fitsBetter, fuzzyScore } from '../kit/fuzzy.ts'
import type { KindView } from '../kit/kind-view.ts'
import { navigationGroups } from '../layout/sidebar-groups.ts'
import { useDockStore } from '../stores/dock.ts'
import { useKindsStore } from '../stores/kinds.ts'
import { useLiveStore } from '../stores/live.ts'
import { useNamespacesStore } from '../stores/namespaces.ts'
import { usePreferencesStore, type Theme } from '../stores/preferences.ts'
import { useLiveLists } from './use-live-lists.ts'
import { useNamespaceNames } from './use-namespace-names.ts'

export interface PaletteItem {
  id: string
  /** Words of the group it stands under. */
  group: string
  title: string
  hint: string
  icon: Component
  run(): void
}

const tabIcons = { logs: ScrollText, shell: SquareTerminal, edit: FilePenLine }
/** Kinds whose objects are found even when no view has loaded them. */
const searched = [
  resources.pods,
  resources.deployments,
  resources.services,
  resources.configMaps,
  resources.nodes,
]
const perGroup = 8
const objectsShown = 30

/** What the palette finds for a query: objects of held lists, places, namespaces, settings. */
export function usePaletteItems(cluster: string, query: () => string): ComputedRef<PaletteItem[]> {
  const t = useText()
  const router = useRouter()
  const live = useLiveStore()
  const kinds = useKindsStore()
  const dock = useDockStore()
  const namespaces = useNamespacesStore()
  const preferences = usePreferencesStore()
  const { names } = useNamespaceNames(() => cluster)
  const { lists } = useLiveLists(() =>
    searched
      .filter((resource) => kinds.byId(cluster, groupResource(resource)))
      .map(({ group, version, resource }) => ({ cluster, group, version, resource })),
  )

  function places(): PaletteItem[] {
    return navigationGroups(cluster, kinds.of(cluster).views, t)
      .flatMap(({ title, items }) => items.map((item) => ({ ...item, hint: title })))
      .concat([
        {
          id: 'apply',
          title: t('nav.apply'),
          hint: '',
          icon: Braces,
          route: { name: 'apply', params: { cluster } },
        },
      ])
      .map(({ id, title, hint, icon, route }) => {
        const view = kinds.byId(cluster, id)
        const hints = [hint, view?.resource.kind, ...(view?.shortNames ?? [])].filter(Boolean).join(' · ')
        return {
          id: `go:${id}`,
          group: t('palette.go'),
          title,
          hint: hints,
          icon,
          run: () => void router.push(route),
        }
      })
  }
  function namespaceItems(): PaletteItem[] {
    const group = t('palette.namespaces')
    const item = (id: string, title: string, selected: string[]): PaletteItem => ({
      id: `ns:${id}`,
      group,
      title,
      hint: t('palette.useNamespace'),
      icon: Layers,
      run: () => namespaces.select(cluster, selected),
    })
    return [item('*', t('namespace.all'), []), ...names.value.map((name) => item(name, name, [name]))]
  }
  function settings(): PaletteItem[] {
    const group = t('palette.settings')
    const themes: [Theme, string][] = [
      ['light', t('top.themeLight')],
      ['dark', t('top.themeDark')],
      ['system', t('top.themeSystem')],
    ]
    return [
      ...themes.map(([theme, name]) => ({
        id: `theme:${theme}`,
        group,
        title: t('top.theme', { name }),
        hint: '',
        icon: Moon,
        run: () => (preferences.values.theme = theme),
      })),
      {
        id: 'lang:en',
        group,
        title: 'English',
        hint: t('top.language'),
        icon: Languages,
        run: () => (preferences.values.language = 'en'),
      },
      {
        id: 'lang:ko',
        group,
        title: '한국어',
        hint: t('top.language'),
        icon: Languages,
        run: () => (preferences.values.language = 'ko'),
      },
    ]
  }
  function tabs(): PaletteItem[] {
    return dock.tabs.map((tab) => ({
      id: `tab:${tab.id}`,
      group: t('dock.label'),
      title: tab.title,
      hint: `${t(`dock.${tab.kind}`)} · ${tab.subtitle}`,
      icon: tabIcons[tab.kind],
      run: () => dock.show(tab.id),
    }))
  }
  function* objects(): Iterable<{
    view: KindView
    name: string
    namespace: string | undefined
    uid: string
  }> {
    const seen = new Set<string>()
    for (const { target, list } of live.held(cluster)) {
      const view = kinds.byId(cluster, groupResource(target))
      if (!view || view.resource.kind === 'Event') continue
      for (const { uid, name, namespace } of list.rows.values()) {
        if (seen.has(uid)) continue
        seen.add(uid)
        yield { view, uid, name, namespace }
      }
    }
  }
  function bestObjects(text: string): PaletteItem[] {
    const scored: { score: number; item: PaletteItem }[] = []
    // Lists still on their way belong to the answer once they are there.
    if (lists.value.some((list) => list.version.value < 0)) return []
    for (const { view, uid, name, namespace } of objects()) {
      const score = fuzzyScore(text, name)
      if (score === undefined) continue
      scored.push({
        score,
        item: {
          id: uid,
          group: t('palette.objects'),
          title: name,
          hint: [view.resource.kind, namespace].filter(Boolean).join(' · '),
          icon: view.icon,
          run: () =>
            void router.push({
              name: 'list',
              params: { cluster, kind: view.id },
              query: { sel: namespace ? `${namespace}/${name}` : name },
            }),
        },
      })
    }
    return scored
      .sort((a, b) => b.score - a.score)
      .slice(0, objectsShown)
      .map(({ item }) => item)
  }
  function best(items: PaletteItem[], text: string): PaletteItem[] {
    return items
      .map((item) => ({ item, score: fuzzyScore(text, item.title) ?? fuzzyScore(text, item.hint) }))
      .filter(
        (entry): entry is { item: PaletteItem; score: number } =>
          entry.score !== undefined && (!text || entry.score > 20),
      )
      .sort((a, b) => (text ? b.score - a.score : 0))
      .slice(0, text ? perGroup : 40)
      .map(({ item }) => item)
  }

  return computed(() => {
    const text = query().trim()
    const go = best(places(), text)
    const titles = (items: PaletteItem[]): string[] => items.map(({ title }) => title)
    if (!text) return [...tabs(), ...go, ...settings()]
    const found = bestObjects(text)
    const shown = go.slice(0, 5)
    // Whoever types the name of an object means it, and not a page whose title has the letters somewhere.
    const isObjectMeant = fitsBetter(text, titles(found), titles(shown))
    return [
      ...best(tabs(), text),
      ...(isObjectMeant ? [...found, ...shown] : [...shown, ...found]),
      ...best(namespaceItems(), text),
      ...best(settings(), text),
    ]
  })
}
