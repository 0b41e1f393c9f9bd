import type { StatefulSet } from '../../api/generated/apps-v1.ts'

/** `<template>-<set>-<ordinal>`: the PersistentVolumeClaim of one pod. */
export function claimName(set: StatefulSet, template: string, ordinal: number): string {
  return `${template}-${set.metadata.name}-${ordinal}`
}
