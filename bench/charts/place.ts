import type {
  GridComponentOption,
  LegendComponentOption,
  SeriesOption,
  XAXisComponentOption,
  YAXisComponentOption,
} from 'echarts'

/** Where a panel stands in the picture. */
export interface Place {
  top: number
  /** Of its axes. */
  index: number
}

/** What a panel is for echarts: axes of its own, and what is drawn over them. */
export interface PanelOption {
  grid: GridComponentOption
  xAxis: XAXisComponentOption
  yAxis: YAXisComponentOption
  legend?: LegendComponentOption
  series: SeriesOption[]
}
