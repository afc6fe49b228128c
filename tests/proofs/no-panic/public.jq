# Every public function in rustdoc's JSON of a crate: `path::name`, `<type>::name` or `<type as trait>::name`. What the
# compiler derives (Clone, Debug, PartialEq and the like) is not listed.
. as $doc
| def item: $doc.index[tostring] // empty;
  def path: $doc.paths[tostring].path | join("::");
  $doc.index[]
  | if .inner | has("module") then
      .inner["module"].items[] | item | .inner.use.id // .id | item
      | select(.inner | has("function")) | .id | path
    elif (.inner | has("impl")) and (.attrs | index("automatically_derived") | not) then
      .inner.impl
      | select(.blanket_impl == null and (.is_synthetic | not))
      | (.for.resolved_path.id | path) as $type
      | (if .trait then " as \(.trait.id | path)" else "" end) as $trait
      | .items[] | item | select(.inner | has("function")) | "<\($type)\($trait)>::\(.name)"
    else empty end
