import { sessions } from 'untorn/h3'

export default defineNitroPlugin(sessions<Stall>().install)
