import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import type { KubeObject } from '../../core/api/meta.ts'
import { isConflict, type Status } from '../../core/api/status.ts'
import { toStatus } from '../client/http.ts'
import { createKubeClient, type WriteResult } from '../client/kube-client.ts'
import { threeWayMerge } from '../kit/three-way-merge.ts'
import { complaintsOf, type Complaint } from '../kit/complaints.ts'
import { parseObject, toYaml, type TextProblem } from '../kit/yaml.ts'
import type { EditTab } from '../stores/dock.ts'

export interface ObjectEdit {
  step: Ref<'loading' | 'editing' | 'checking' | 'reviewing' | 'applying' | 'failed'>
  text: Ref<string>
  /** The version the edit began from. */
  before: ComputedRef<string>
  /** What the server would make of it, after a review. */
  after: Ref<string>
  warnings: Ref<string[]>
  error: ShallowRef<Status | undefined>
  /** Where the text cannot be read as an object. */
  unreadable: ComputedRef<TextProblem[]>
  /** What the server has against the draft, where it is. */
  complaints: ComputedRef<Complaint[]>
  problems: ComputedRef<TextProblem[]>
  /** Somebody deleted the object meanwhile. */
  isGone: ComputedRef<boolean>
  /** The draft will be created: what it was made from is deleted. */
  isNew: Ref<boolean>
  isStale: ComputedRef<boolean>
  /** Fields changed on both sides in the last rebase; there the draft won. */
  conflicts: Ref<string[]>
  isChanged: ComputedRef<boolean>
  load(): Promise<void>
  review(): Promise<void>
  backToEdit(): void
  /** Writes the draft; true when the server took it. */
  apply(): Promise<boolean>
  rebase(): Promise<void>
  /** Goes on with the draft as an object that does not exist yet. */
  beginAnew(): void
}

/** Editing one object: draft, server-side dry run, apply; a draft is never lost to a conflict. */
export function useObjectEdit(tab: EditTab): ObjectEdit {
  const kube = createKubeClient(tab.cluster)
  const objectRef = { namespace: tab.namespace, name: tab.name }
  const step: ObjectEdit['step'] = ref('loading')
  const text = ref('')
  const after = ref('')
  const warnings = ref<string[]>([])
  const conflicts = ref<string[]>([])
  const error = shallowRef<Status>()
  const base = shallowRef<KubeObject>()
  const before = computed(() => (base.value ? toYaml(base.value) : ''))
  const parsed = computed(() => parseObject(text.value))
  const unreadable = computed(() => parsed.value.problems.filter(({ severity }) => severity === 'error'))
  const complaints = computed(() => (error.value ? complaintsOf(error.value, text.value) : []))
  const problems = computed<TextProblem[]>(() => [
    ...parsed.value.problems,
    ...complaints.value.flatMap(({ message, place }) =>
      place ? [{ ...place, message, severity: 'error' as const }] : [],
    ),
  ])
  const isNew = ref(false)
  /** What the server was last asked about: what is typed until it answers is in no review, and is not lost. */
  let asked = ''

  async function load(): Promise<void> {
    step.value = 'loading'
    try {
      base.value = await kube.get(tab.resource, objectRef)
      text.value = before.value
      error.value = undefined
      isNew.value = false
      step.value = 'editing'
    } catch (cause) {
      error.value = toStatus(cause)
      step.value = 'failed'
    }
  }

  /** Puts the draft onto the newest version; what both sides changed differently keeps the draft's value. */
  async function mergeWithNewest(
    draft: KubeObject,
  ): Promise<{ newest: KubeObject; merged: KubeObject; overlaps: string[] }> {
    const newest = await kube.get<KubeObject>(tab.resource, objectRef)
    const old = parseObject(before.value).object
    const { value, conflicts: paths } = threeWayMerge(old, draft, parseObject(toYaml(newest)).object)
    const merged = value as KubeObject
    const overlaps = paths.filter((path) => path !== 'metadata.resourceVersion')
    return {
      newest,
      overlaps,
      merged: {
        ...merged,
        metadata: { ...merged.metadata, resourceVersion: newest.metadata.resourceVersion ?? '' },
      },
    }
  }

  /** Writes; when the object has moved on in parts the draft does not touch (a status), writes onto its newest version. */
  async function replace(draft: KubeObject, dryRun: boolean): Promise<WriteResult<KubeObject>> {
    const options = { dryRun, fieldValidation: 'Strict' as const }
    if (isNew.value) return kube.create(tab.resource, draft, options)
    try {
      return await kube.replace(tab.resource, draft, options)
    } catch (cause) {
      if (!isConflict(cause)) throw cause
      const { newest, merged, overlaps } = await mergeWithNewest(draft)
      if (overlaps.length) throw cause
      const result = await kube.replace<KubeObject>(tab.resource, merged, options)
      if (text.value === asked) {
        base.value = newest
        asked = text.value = toYaml(merged)
      }
      return result
    }
  }

  async function write(dryRun: boolean): Promise<KubeObject | undefined> {
    const draft = parsed.value.object
    if (!draft) return undefined
    error.value = undefined
    asked = text.value
    step.value = dryRun ? 'checking' : 'applying'
    try {
      const result = await replace(draft, dryRun)
      warnings.value = result.warnings
      return result.object
    } catch (cause) {
      error.value = toStatus(cause)
      step.value = 'editing'
      conflicts.value = []
      return undefined
    }
  }

  async function review(): Promise<void> {
    const result = await write(true)
    if (!result) return
    // A dry run hands out no new resourceVersion; what differs should be what changes.
    after.value = toYaml(result)
    step.value = text.value === asked ? 'reviewing' : 'editing'
  }

  async function apply(): Promise<boolean> {
    const result = await write(false)
    if (!result) return false
    base.value = result
    isNew.value = false
    if (text.value === asked) text.value = before.value
    conflicts.value = []
    step.value = 'editing'
    return true
  }

  async function rebase(): Promise<void> {
    const draft = parsed.value.object
    if (!draft || !base.value) return
    try {
      const { newest, merged, overlaps } = await mergeWithNewest(draft)
      conflicts.value = overlaps
      base.value = newest
      text.value = toYaml(merged)
      error.value = undefined
      step.value = 'editing'
    } catch (cause) {
      error.value = toStatus(cause)
    }
  }

  function beginAnew(): void {
    const draft = parsed.value.object
    if (!draft) return
    base.value = undefined
    isNew.value = true
    text.value = toYaml(withoutServersPart(draft))
    error.value = undefined
    conflicts.value = []
  }

  return {
    step,
    text,
    before,
    after,
    warnings,
    error,
    unreadable,
    complaints,
    problems,
    conflicts,
    isStale: computed(() => error.value?.reason === 'Conflict'),
    isGone: computed(() => error.value?.reason === 'NotFound' && step.value === 'editing'),
    isNew,
    isChanged: computed(() => text.value !== before.value),
    load,
    review,
    backToEdit: () => (step.value = 'editing'),
    apply,
    rebase,
    beginAnew,
  }
}

/** An object as one would write it: without what its server filled in. */
function withoutServersPart(object: KubeObject): KubeObject {
  const { uid, resourceVersion, creationTimestamp, generation, deletionTimestamp, ...metadata } =
    object.metadata
  const { status, ...rest } = object as KubeObject & { status?: unknown }
  return { ...rest, metadata }
}
