-- verbs.lua - the table of the steps, by their verbs, which several files
-- fill; its `case` is the class of a case that runs.
local case = {}
case.__index = case

return { case = case }
