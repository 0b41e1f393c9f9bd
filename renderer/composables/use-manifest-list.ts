import { useDebounceFn } from '@vueuse/core'
import { computed, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import type { Resource } from '../../core/api/gvk.ts'
import type { KubeObject } from '../../core/api/meta.ts'
import { isConflict, type Status } from '../../core/api/status.ts'
import { createManifestApplier, type ApplyOutcome } from '../client/apply-manifest.ts'
import { toStatus } from '../client/http.ts'
import type { KubeClient } from '../client/kube-client.ts'
import { waitEstablished } from '../client/wait-established.ts'
import { complaintsOf, type Complaint } from '../kit/complaints.ts'
import { definedKind, isDefinition } from '../kit/defined-kinds.ts'
import { parseManifests, type ParsedManifest, type TextProblem } from '../kit/yaml.ts'
import { useKindsStore } from '../stores/kinds.ts'

export type Verdict =
  | { state: 'checking' | 'unknownKind' | 'invalid' }
  /** Its kind is made by a definition in the same text. */
  | { state: 'waitsForKind' }
  /** Its namespace is made by an object of the same text. */
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

/** Objects that others of the same text may need wherever they stand in it. */
function isNeeded({ object }: ManifestEntry): boolean {
  return object !== undefined && (object.kind === 'Namespace' || isDefinition(object))
}

/** The objects of a text, each with what the server would do with it, checked anew as the text changes. */
export function useManifestList(input: ManifestListInput): ManifestList {
  const kinds = useKindsStore()
  const applier = createManifestApplier(input.kube)
  const entries = shallowRef<ManifestEntry[]>([])
  const force = ref(false)
  const isBusy = ref(false)
  let run = 0

  function servedKind(object: KubeObject): Resource | undefined {
    return kinds.resourceOf(input.kube.cluster, object.apiVersion ?? '', object.kind ?? '')
  }
  function objectsOf(list: readonly { object: KubeObject | undefined }[]): KubeObject[] {
    return list.flatMap(({ object }) => object ?? [])
  }

  function read(): ManifestEntry[] {
    const manifests = parseManifests(input.text())
    const all = objectsOf(manifests)
    return manifests.map((manifest) => {
      const { object } = manifest
      const complaints: Complaint[] = []
      if (!object) return { manifest, object, complaints, verdict: { state: 'invalid' } }
      const resource = servedKind(object) ?? definedKind(all, object)?.resource
      if (!resource) return { manifest, object, complaints, verdict: { state: 'unknownKind' } }
      const namespace = object.metadata.namespace ?? input.defaultNamespace()
      const metadata = resource.namespaced ? { ...object.metadata, namespace } : object.metadata
      return { manifest, object: { ...object, metadata }, complaints, verdict: { state: 'checking' } }
    })
  }

  async function write(resource: Resource, object: KubeObject, dryRun: boolean): Promise<Verdict> {
    try {
      const { verb, warnings } = await applier(resource, object, { dryRun, force: force.value })
      return { state: dryRun ? 'would' : 'done', verb, warnings }
    } catch (error) {
      return { state: 'refused', status: toStatus(error), isConflict: isConflict(error) }
    }
  }

  async function verdictOf(object: KubeObject, list: ManifestEntry[], dryRun: boolean): Promise<Verdict> {
    const served = servedKind(object)
    const defined = definedKind(objectsOf(list), object)
    const resource = served ?? defined?.resource
    if (!resource) return { state: 'unknownKind' }
    if (dryRun && !served) return { state: 'waitsForKind' }
    const verdict = await write(resource, object, dryRun)
    if (!dryRun || verdict.state !== 'refused') return verdict
    const { namespace } = object.metadata
    if (namespace && verdict.status.details?.kind === 'namespaces' && isMadeHere(list, namespace))
      return { state: 'waits', namespace }
    // Served, but not in this version yet.
    return defined && verdict.status.code === 404 ? { state: 'waitsForKind' } : verdict
  }

  function isMadeHere(list: ManifestEntry[], namespace: string): boolean {
    return list.some(({ object }) => object?.kind === 'Namespace' && object.metadata.name === namespace)
  }

  /** Goes through the list in order, but first through what others may need; false when another run overtook it. */
  async function forEach(list: ManifestEntry[], dryRun: boolean): Promise<boolean> {
    const mine = ++run
    const text = input.text()
    entries.value = list
    const order = [...list.entries()].sort(([, a], [, b]) => Number(isNeeded(b)) - Number(isNeeded(a)))
    for (const [index, entry] of order) {
      if (!entry.object || entry.verdict.state === 'unknownKind') continue
      let verdict = await verdictOf(entry.object, list, dryRun)
      if (!dryRun && verdict.state === 'done' && isDefinition(entry.object))
        verdict = await established(entry.object.metadata.name, verdict)
      if (mine !== run) return false
      const complaints =
        verdict.state === 'refused' ? complaintsOf(verdict.status, text, entry.manifest.offset) : []
      entries.value = entries.value.map((other, at) =>
        at === index ? { ...other, verdict, complaints } : other,
      )
    }
    return true
  }

  /** A definition is done when its kind can be used. */
  async function established(name: string, done: Verdict): Promise<Verdict> {
    try {
      await waitEstablished(input.kube.cluster, name)
      return done
    } catch (error) {
      return { state: 'refused', status: toStatus(error), isConflict: false }
    }
  }

  async function check(): Promise<void> {
    // What is being written is not to be overtaken by a look at what would be.
    if (!isBusy.value) await forEach(read(), true)
  }
  async function applyAll(): Promise<{ done: number; failed: number }> {
    isBusy.value = true
    const text = input.text()
    try {
      await forEach(read(), false)
      // Links to what has been made need the kinds that were made for it.
      if (objectsOf(entries.value).some(isDefinition)) await kinds.load(input.kube.cluster)
      const done = entries.value.filter(({ verdict }) => verdict.state === 'done').length
      return { done, failed: entries.value.length - done }
    } finally {
      isBusy.value = false
      if (input.text() !== text) void checkSoon()
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
