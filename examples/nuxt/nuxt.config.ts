export default defineNuxtConfig({
  compatibilityDate: '2026-11-01',
  telemetry: false,
  sourcemap: false,
  css: ['~/stall.css'],
  // untorn is linked into this example, where an application has it in node_modules, to which no imports are added.
  nitro: { imports: { exclude: [/[\\/]dist[\\/]/] } },
  app: { head: { title: 'Stall', htmlAttrs: { lang: 'en' } } },
})
