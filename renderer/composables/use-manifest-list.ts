import { useDebounceFn } from '@vueuse/core'
import { computed, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import type { KubeObject } from '../../core/api/meta.ts'
import { isConflict, type Status } from '../../core/api/status.ts'
import { createManifestApplier, type ApplyOutcome } from '../client/apply-manifest.ts'
import { toStatus } from '../client/http.ts'
import type { KubeClient } from '../client/kube-client.ts'
import { complaintsOf, type Complaint } from '../kit/complaints.ts'
import { parseManifests, type ParsedManifest, type TextProblem } from '../kit/yaml.ts'
import { useKindsStore } from '../stores/kinds.ts'

export type Verdict =
  | { state: 'checking' | 'unknownKind' | 'invalid' }
  /** Its namespace is made by an earlier object of the same text. */
  | { state: 'waits'; namespace: string }
  | { state: 'would' | 'done'; verb: ApplyOutcome['verb']; warnings: string[] }
  | { state: 'refused'; status: Status; isConflict: boolean }

export interface ManifestEntry {
  manifest: ParsedManifest
  object: KubeObject | undefined
  verdict: Verdict
  /** What the server has against it, where it is. */
  complaints: Complaint[]
}

export interface ManifestList {
  entries: ShallowRef<ManifestEntry[]>
  problems: ComputedRef<TextProblem[]>
  force: Ref<boolean>
  isBusy: Ref<boolean>
  check(): Promise<void>
  applyAll(): Promise<{ done: number; failed: number }>
}

export interface ManifestListInput {
  kube: KubeClient
  text(): string
  /** For namespaced objects that name none. */
  defaultNamespace(): string
}

const checkDelayMs = 600

/** The objects of a text, each with what the server would do with it, checked anew as the text changes. */
export function useManifestList(input: ManifestListInput): ManifestList {
  const kinds = useKindsStore()
  const applier = createManifestApplier(input.kube)
  const entries = shallowRef<ManifestEntry[]>([])
  const force = ref(false)
  const isBusy = ref(false)
  let run = 0

  function resourceOf(object: KubeObject): ReturnType<typeof kinds.resourceOf> {
    return kinds.resourceOf(input.kube.cluster, object.apiVersion ?? '', object.kind ?? '')
  }

  function read(): ManifestEntry[] {
    return parseManifests(input.text()).map((manifest) => {
      const { object } = manifest
      const complaints: Complaint[] = []
      if (!object) return { manifest, object, complaints, verdict: { state: 'invalid' } }
      const resource = resourceOf(object)
      if (!resource) return { manifest, object, complaints, verdict: { state: 'unknownKind' } }
      const namespace = object.metadata.namespace ?? input.defaultNamespace()
      const metadata = resource.namespaced ? { ...object.metadata, namespace } : object.metadata
      return { manifest, object: { ...object, metadata }, complaints, verdict: { state: 'checking' } }
    })
  }

  async function verdictOf(object: KubeObject, dryRun: boolean): Promise<Verdict> {
    const resource = resourceOf(object)
    if (!resource) return { state: 'unknownKind' }
    try {
      const { verb, warnings } = await applier(resource, object, { dryRun, force: force.value })
      return { state: dryRun ? 'would' : 'done', verb, warnings }
    } catch (error) {
      return { state: 'refused', status: toStatus(error), isConflict: isConflict(error) }
    }
  }

  function isMadeEarlier(list: ManifestEntry[], namespace: string | undefined): boolean {
    return list.some(({ object }) => object?.kind === 'Namespace' && object.metadata.name === namespace)
  }

  async function forEach(list: ManifestEntry[], dryRun: boolean): Promise<boolean> {
    const mine = ++run
    const text = input.text()
    entries.value = list
    for (const [index, entry] of list.entries()) {
      if (!entry.object || entry.verdict.state === 'unknownKind') continue
      const { namespace } = entry.object.metadata
      let verdict = await verdictOf(entry.object, dryRun)
      if (mine !== run) return false
      const isMissingNamespace = verdict.state === 'refused' && verdict.status.details?.kind === 'namespaces'
      if (dryRun && isMissingNamespace && namespace && isMadeEarlier(list.slice(0, index), namespace))
        verdict = { state: 'waits', namespace }
      const complaints =
        verdict.state === 'refused' ? complaintsOf(verdict.status, text, entry.manifest.offset) : []
      entries.value = entries.value.map((other, at) =>
        at === index ? { ...other, verdict, complaints } : other,
      )
    }
    return true
  }

  async function check(): Promise<void> {
    await forEach(read(), true)
  }
  async function applyAll(): Promise<{ done: number; failed: number }> {
    isBusy.value = true
    try {
      await forEach(read(), false)
      const done = entries.value.filter(({ verdict }) => verdict.state === 'done').length
      return { done, failed: entries.value.length - done }
    } finally {
      isBusy.value = false
    }
  }
  const checkSoon = useDebounceFn(check, checkDelayMs)
  watch(
    [input.text, input.defaultNamespace, force, () => kinds.of(input.kube.cluster).state],
    () => void checkSoon(),
    {
      immediate: true,
    },
  )

  return {
    entries,
    problems: computed(() =>
      entries.value.flatMap(({ manifest, complaints }) => [
        ...manifest.problems,
        ...complaints.flatMap(({ message, place }) =>
          place ? [{ ...place, message, severity: 'error' as const }] : [],
        ),
      ]),
    ),
    force,
    isBusy,
    check,
    applyAll,
  }
}
