/** The package has no types of its locales; importing one registers it. */
declare module 'cronstrue/locales/ko.js'
