import { defineNitroPlugin } from 'nitropack/runtime'
import { sessions } from 'untorn/h3'
import type { NitroSite } from '../site.ts'

declare const untornNitro: NitroSite

/** As an application writes it, but for the options. */
export default defineNitroPlugin(sessions(untornNitro.options).install)
