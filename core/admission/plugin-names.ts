/** Plugins that run only where they are asked for. */
export const offByDefault: readonly string[] = ['DenyServiceExternalIPs']

/** Plugins that can be switched on and off by name. */
const pluginNames: readonly string[] = [
  ...offByDefault,
  'CertificateApproval',
  'CertificateSigning',
  'CertificateSubjectRestriction',
  'DefaultIngressClass',
  'DefaultStorageClass',
  'DefaultTolerationSeconds',
  'LimitRanger',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionWebhook',
  'NamespaceLifecycle',
  'NodeDeclaredFeatureValidator',
  'NodeRestriction',
  'PersistentVolumeClaimResize',
  'PodSecurity',
  'PodTopologyLabels',
  'Priority',
  'ResourceQuota',
  'RuntimeClass',
  'ServiceAccount',
  'StorageObjectInUseProtection',
  'TaintNodesByCondition',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionWebhook',
]

/** What is wrong with a choice of plugins (upstream: apiserver/pkg/server/options/admission.go). */
export function pluginChoiceProblems(choice: {
  enabled: readonly string[]
  disabled: readonly string[]
}): string[] {
  const unknown = (flag: string, names: readonly string[]): string[] =>
    names
      .filter((name) => !pluginNames.includes(name))
      .map((name) => `${flag}-admission-plugins plugin ${JSON.stringify(name)} is unknown`)
  const both = choice.enabled.filter((name) => choice.disabled.includes(name)).toSorted()
  return [
    ...unknown('enable', choice.enabled),
    ...unknown('disable', choice.disabled),
    ...(both.length > 0
      ? [`[${both.join(' ')}] in enable-admission-plugins and disable-admission-plugins overlapped`]
      : []),
  ]
}
